# Lineup's image: web, worker, beat and migrate are the same image with different commands (docker-compose.yml).

FROM python:3.13-slim-bookworm AS built
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/lineup
COPY requirements.txt .
RUN /opt/lineup/bin/pip install --require-hashes -r requirements.txt

FROM python:3.13-slim-bookworm
# journalctl reads the journal's own binary files; it is run on each with bounds and no rights.
RUN apt-get update \
 && apt-get install -y --no-install-recommends systemd \
 && rm -rf /var/lib/apt/lists/*
# The user's number is fixed, so that volumes keep their owner from one image to the next.
RUN groupadd --gid 10001 lineup \
 && useradd --uid 10001 --gid lineup --no-create-home --shell /usr/sbin/nologin lineup \
 && install -d -o lineup -g lineup -m 0700 /var/lib/lineup
COPY --from=built /opt/lineup /opt/lineup
WORKDIR /app
COPY . .
ENV PATH=/opt/lineup/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LINEUP_HOME=/var/lib/lineup \
    LINEUP_STATIC=/app/static \
    LINEUP_ALIVE=/tmp/lineup-alive \
    LINEUP_BIND=0.0.0.0 \
    PORT=8000
# The key serves this one command and is in no layer's environment; LINEUP_PRODUCTION comes after it on purpose.
RUN SECRET_KEY=only-to-collect-static-files LINEUP_HOME=/tmp/build python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf /tmp/build
ENV LINEUP_PRODUCTION=true
USER lineup
VOLUME /var/lib/lineup
EXPOSE 8000
CMD ["gunicorn", "-c", "config/gunicorn_conf.py", "config.wsgi"]
