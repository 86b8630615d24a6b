"""The entry table, partitioned by the UTC day its run was received on, so that retention is dropping a partition."""

from django.db import migrations

CREATE = """
CREATE TABLE triage_entry (
    received_on date NOT NULL,
    part_id bigint NOT NULL,
    line bigint NOT NULL,
    stamp_us bigint,
    zoned boolean NOT NULL DEFAULT true,
    tick_us integer NOT NULL DEFAULT 1,
    dated boolean NOT NULL DEFAULT true,
    inner_us bigint,
    inner_zoned boolean,
    inner_tick_us integer,
    host text NOT NULL DEFAULT '',
    unit text NOT NULL DEFAULT '',
    boot text NOT NULL DEFAULT '',
    pid bigint,
    pid_trust text NOT NULL DEFAULT 'unknown',
    level text NOT NULL DEFAULT '',
    message text NOT NULL DEFAULT '',
    raw text NOT NULL DEFAULT '',
    method text,
    path text,
    status integer,
    request jsonb,
    life jsonb,
    keys jsonb,
    PRIMARY KEY (received_on, part_id, line)
) PARTITION BY RANGE (received_on)
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE triage_entry")]
