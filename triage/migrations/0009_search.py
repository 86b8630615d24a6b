"""The words of log lines, by blocks of 64 lines: `triage.core.search.words` says what a word is.

The last entry of a block carries the words of the whole block; so they go with their lines, whatever takes those. For
a rare word the first index names its blocks; for a frequent one walking the second finds enough of them sooner. Lines
that are there already get their words here.
"""

from django.db import migrations

ADD = """
ALTER TABLE triage_entry ADD COLUMN words tsvector;
CREATE INDEX entries_by_words ON triage_entry USING gin (words) WHERE words IS NOT NULL;
CREATE INDEX entries_with_words ON triage_entry (received_on DESC, part_id DESC, line) WHERE words IS NOT NULL;
"""
FILL = r"""
UPDATE triage_entry AS last SET words = told.words
FROM (
    SELECT received_on, part_id, max(line) AS line, array_to_tsvector(array_agg(DISTINCT left(word, 64))) AS words
    FROM triage_entry CROSS JOIN LATERAL (
        SELECT unnest(regexp_split_to_array(lower(concat_ws(' ',
            left(CASE WHEN raw LIKE '{%' THEN message ELSE raw END, 3000), left(host, 64), left(unit, 64), pid
        )), '[^[:alnum:]]+'))
        UNION SELECT 'pid=' || pid UNION SELECT 'status=' || status UNION SELECT 'level=' || nullif(level, '')
    ) AS one(word)
    WHERE word > ''
    GROUP BY received_on, part_id, (line - 1) / 64
) AS told
WHERE last.received_on = told.received_on AND last.part_id = told.part_id AND last.line = told.line
"""
DROP = """
DROP INDEX entries_with_words;
DROP INDEX entries_by_words;
ALTER TABLE triage_entry DROP COLUMN words;
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0008_items_of_known_groups")]
    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
