import { highlightsOf, PLANNED_BY_INDEX } from './checkpoint-function.ts'
import { quoteName } from './tables.ts'

/**
 * Brings the ledger up to date with a stretch of the tree, in one round trip: the decisions are made, these are the writes.
 *
 * `processors` are the tags that files of the stretch name, and `sorts` which of them by place, from 1. Gives the id of the first new file, the
 * numbers of the processors, and the hashes of the results that are reopened, in the order of `reread`.
 *
 * Rows of files are looked up one by one, by both columns of a unique index, and changed by their place: see {@link PLANNED_BY_INDEX}.
 *
 * Workers settle files meanwhile: those that they may settle are pending, and of these nothing is removed but what they had before.
 */
export const MEET_STRETCH = (schema: string): string => {
  const s = quoteName(schema)
  return `CREATE OR REPLACE FUNCTION ${s}.meet_stretch(
  p_tree int4, p_revised bool, tags text[],
  gone int4[], freed int4[], reread int4[], redone int4[], afresh int4[], checked int4[], tried_anew int4[],
  not_excluded text[], e_paths text[], e_reasons text[],
  n_paths text[], n_sizes int8[], n_mtimes float8[], n_stamps text[], n_languages text[], n_kinds text[], n_sorts int4[],
  u_ids int4[], u_sizes int8[], u_mtimes float8[], u_stamps text[], u_languages text[], u_kinds text[], u_sorts int4[],
  OUT first_id int4, OUT numbers int4[], OUT hashes text[]
) LANGUAGE plpgsql ${PLANNED_BY_INDEX} AS $body$
BEGIN
  INSERT INTO ${s}.processors (tag) SELECT tag FROM unnest(tags) AS t (tag) WHERE tag NOT IN (SELECT tag FROM ${s}.processors)
    ON CONFLICT (tag) DO NOTHING;
  numbers := ARRAY(SELECT p.processor FROM unnest(tags) WITH ORDINALITY AS t (tag, n) JOIN ${s}.processors AS p USING (tag) ORDER BY t.n);
  hashes := '{}';

  IF cardinality(gone) + cardinality(u_ids) > 0 THEN
    PERFORM FROM (SELECT id FROM unnest(gone || u_ids) AS g (id) ORDER BY id) AS g CROSS JOIN LATERAL (
      SELECT FROM ${s}.files WHERE tree = p_tree AND file_id = g.id FOR UPDATE) AS f;
  END IF;
  IF cardinality(gone) > 0 THEN
    DELETE FROM ${s}.files WHERE ctid = ANY (ARRAY(
      SELECT (SELECT f.ctid FROM ${s}.files AS f WHERE f.tree = p_tree AND f.file_id = g.id) FROM unnest(gone) AS g (id)));
    DELETE FROM ${s}.results WHERE tree = p_tree AND file_id = ANY (gone);
    DELETE FROM ${s}.highlights WHERE ctid = ANY (${highlightsOf(s, 'p_tree', 'gone')});
    DELETE FROM ${s}.attempts WHERE tree = p_tree AND file_id = ANY (gone);
    DELETE FROM ${s}.quarantine WHERE tree = p_tree AND file_id = ANY (gone);
    DELETE FROM ${s}.checks WHERE tree = p_tree AND file_id = ANY (gone);
  END IF;
  IF cardinality(not_excluded) > 0 THEN
    DELETE FROM ${s}.exclusions WHERE tree = p_tree AND path = ANY (not_excluded);
  END IF;
  IF cardinality(e_paths) > 0 THEN
    INSERT INTO ${s}.exclusions (tree, path, reason) SELECT p_tree, e.path, e.reason FROM unnest(e_paths, e_reasons) AS e (path, reason)
      ON CONFLICT (tree, path) DO UPDATE SET reason = excluded.reason;
  END IF;

  IF cardinality(tried_anew) > 0 THEN
    DELETE FROM ${s}.attempts WHERE tree = p_tree AND file_id = ANY (tried_anew);
  END IF;
  IF cardinality(freed) > 0 THEN
    DELETE FROM ${s}.quarantine WHERE tree = p_tree AND file_id = ANY (freed);
  END IF;
  IF cardinality(reread) > 0 THEN
    UPDATE ${s}.results SET reopened = true WHERE tree = p_tree AND file_id = ANY (reread);
    hashes := ARRAY(SELECT (SELECT r.hash FROM ${s}.results AS r WHERE r.tree = p_tree AND r.file_id = i.id)
      FROM unnest(reread) WITH ORDINALITY AS i (id, n) ORDER BY i.n);
  END IF;
  IF cardinality(redone) + cardinality(afresh) > 0 THEN
    DELETE FROM ${s}.highlights AS h WHERE h.ctid = ANY (${highlightsOf(s, 'p_tree', 'redone || afresh')})
      AND (h.file_id = ANY (redone) OR (SELECT r.reopened FROM ${s}.results AS r WHERE r.tree = p_tree AND r.file_id = h.file_id));
    DELETE FROM ${s}.results WHERE tree = p_tree AND file_id = ANY (redone || afresh) AND (reopened OR file_id = ANY (redone));
  END IF;
  IF cardinality(checked) > 0 THEN
    INSERT INTO ${s}.checks (tree, file_id) SELECT p_tree, id FROM unnest(checked) AS c (id)
      ON CONFLICT (tree, file_id) DO UPDATE SET confirmed = false;
  END IF;

  IF cardinality(u_ids) > 0 THEN
    UPDATE ${s}.files AS f SET size = u.size, mtime_ms = u.mtime_ms, stamp = u.stamp, language = u.language, kind = u.kind,
        processor = numbers[u.sort]
      FROM (
        SELECT *, (SELECT x.ctid FROM ${s}.files AS x WHERE x.tree = p_tree AND x.file_id = u.file_id) AS place
        FROM unnest(u_ids, u_sizes, u_mtimes, u_stamps, u_languages, u_kinds, u_sorts)
          AS u (file_id, size, mtime_ms, stamp, language, kind, sort) OFFSET 0
      ) AS u
      WHERE f.ctid = u.place
        AND (f.size, f.stamp, f.language, f.kind, f.processor)
          IS DISTINCT FROM (u.size, u.stamp, u.language, u.kind, numbers[u.sort]);
  END IF;
  IF cardinality(n_paths) > 0 OR p_revised THEN
    UPDATE ${s}.trees SET next_file_id = next_file_id + cardinality(n_paths), revision = revision + p_revised::int4
      WHERE tree = p_tree RETURNING next_file_id - cardinality(n_paths) INTO first_id;
    INSERT INTO ${s}.files (tree, path, file_id, size, mtime_ms, stamp, language, kind, processor)
      SELECT p_tree, n_paths[n], first_id + n - 1, n_sizes[n], n_mtimes[n], n_stamps[n], n_languages[n], n_kinds[n], numbers[n_sorts[n]]
      FROM generate_series(1, cardinality(n_paths)) AS p (n);
  END IF;
END $body$`
}
