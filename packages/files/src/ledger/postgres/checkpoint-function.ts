import { lockOf, quoteName } from './tables.ts'

/**
 * How the ledger's functions are planned: by index, once a session. A plan may be made while the tables are empty, and is kept for hours: nothing in
 * it may depend on how much there is.
 *
 * That does not say by which index, where a table has two: many ids at once look to a server without statistics like more work than all that a tree
 * has. So rows of such a table are asked for id by id.
 *
 * PERF: to plan anew at each call took as long as all that a checkpoint of a hundred files does (`npm run bench -- cluster/cost`).
 */
export const PLANNED_BY_INDEX = `SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan SET jit = off`

/** The places of the highlights of files, as SQL: an array, for a condition on `ctid`. */
export function highlightsOf(tables: string, tree: string, fileIds: string): string {
  return `ARRAY(SELECT h.ctid FROM unnest(${fileIds}) AS g (id) CROSS JOIN LATERAL (
      SELECT ctid FROM ${tables}.highlights WHERE tree = ${tree} AND file_id = g.id OFFSET 0) AS h)`
}

/** SQLSTATEs of what the ledger's functions refuse; their DETAIL says over what, as JSON. */
export const REFUSALS = {
  file: 'MR001',
  batch: 'MR002',
  jobUnknown: 'MR003',
  superseded: 'MR004',
  notRunning: 'MR005',
} as const

/**
 * Writes a checkpoint and gives the ids of its files that are gone.
 *
 * A function, since it needs to look again and again: what it reads after it has locked the rows of its files must be what is true then,
 * and all parts of one statement see what was true when that began. It costs one round trip, where the same statements sent one by one
 * cost twelve.
 *
 * Mostly nothing is known yet of any of its files; one look tells, and what would compare and remove is left out. `d_ids` ascend: rows are
 * written in that order.
 *
 * A checkpoint that was sent again because its answer was lost waits for the one before, which may still be under way, and finds its token.
 */
export const WRITE_CHECKPOINT = (schema: string): string => {
  const s = quoteName(schema)
  return `CREATE OR REPLACE FUNCTION ${s}.write_checkpoint(
  p_job_id text, p_epoch int8, p_token uuid,
  p_batch int4, p_complete bool, p_priority int4, p_estimated_ms float8, p_ms float8, p_worker int4,
  d_ids int4[], d_hashes text[], d_records bytea[], d_bytes int4[], d_ms float8[], d_stamps text[],
  c_ids int4[], c_stamps text[],
  q_ids int4[], q_codes text[], q_messages text[], q_attempts int4[], q_evidence text[],
  a_ids int4[], a_numbers int4[], a_codes text[], a_messages text[], a_ms float8[],
  h_ids int4[], h_lists text[], h_labels text[], h_values float8[]
) RETURNS int4[] LANGUAGE plpgsql ${PLANNED_BY_INDEX} AS $body$
DECLARE
  v_job int4; v_tree int4; v_state text; v_epoch int8; v_current int4; v_next int4;
  v_token uuid;
  v_settled int4[] := d_ids || c_ids || q_ids;
  v_ids int4[] := d_ids || c_ids || q_ids || a_ids || h_ids;
  v_wanted int4[];
  v_present int4[];
  v_all bool;
  v_fresh bool;
  v_checked int4[];
  v_id int4; v_path text; v_refused text;
  v_count int4;
  v_delivered int4 := 0;
  v_quarantined int4 := 0;
  v_revised bool := false;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_token::text, 0));
  PERFORM pg_advisory_xact_lock_shared(${lockOf('gate', schema)});
  SELECT j.job, j.tree, j.state, j.epoch, t.job, t.next_file_id INTO v_job, v_tree, v_state, v_epoch, v_current, v_next
    FROM ${s}.jobs AS j JOIN ${s}.trees AS t USING (tree) WHERE j.job_id = p_job_id;
  IF NOT FOUND THEN
    RAISE 'unknown job' USING ERRCODE = '${REFUSALS.jobUnknown}';
  ELSIF v_epoch IS NOT NULL AND v_current <> v_job THEN
    RAISE 'superseded' USING ERRCODE = '${REFUSALS.superseded}',
      DETAIL = json_build_object('supersededBy', (SELECT job_id FROM ${s}.jobs WHERE job = v_current));
  ELSIF v_state <> 'running' OR v_epoch <> p_epoch THEN
    RAISE 'not running' USING ERRCODE = '${REFUSALS.notRunning}', DETAIL = json_build_object('state', v_state, 'epoch', v_epoch);
  END IF;

  INSERT INTO ${s}.batches AS b (job, batch_id, priority, estimated_ms, ms, worker, complete, token)
    VALUES (v_job, p_batch, p_priority, p_estimated_ms, p_ms, p_worker, p_complete, p_token)
    ON CONFLICT (job, batch_id) DO UPDATE SET priority = excluded.priority, estimated_ms = excluded.estimated_ms, ms = excluded.ms,
      worker = excluded.worker, complete = excluded.complete, checkpoints = b.checkpoints + 1, token = excluded.token
    WHERE NOT b.complete AND b.token <> p_token;
  IF NOT FOUND THEN
    SELECT token INTO v_token FROM ${s}.batches WHERE job = v_job AND batch_id = p_batch;
    IF v_token <> p_token THEN RAISE 'complete' USING ERRCODE = '${REFUSALS.batch}'; END IF;
    RETURN ARRAY(SELECT id FROM unnest(v_ids) WITH ORDINALITY AS u (id, n)
      WHERE NOT EXISTS (SELECT FROM ${s}.files WHERE tree = v_tree AND file_id = u.id) GROUP BY id ORDER BY min(n));
  END IF;

  -- One by one, in order: asked for together, a planner without statistics would look through all of the tree's paths for them.
  v_wanted := ARRAY(SELECT DISTINCT id FROM unnest(v_ids) AS v (id) ORDER BY id);
  v_present := ARRAY(SELECT f.file_id FROM unnest(v_wanted) AS u (id) CROSS JOIN LATERAL (
    SELECT file_id FROM ${s}.files WHERE tree = v_tree AND file_id = u.id FOR NO KEY UPDATE) AS f);
  v_all := cardinality(v_present) = cardinality(v_wanted);
  IF NOT v_all THEN
    SELECT id INTO v_id FROM unnest(v_ids) WITH ORDINALITY AS u (id, n) WHERE id < 0 OR id >= v_next ORDER BY n LIMIT 1;
    IF FOUND THEN
      RAISE 'unknown file' USING ERRCODE = '${REFUSALS.file}', DETAIL = json_build_object('fileId', v_id, 'state', 'unknown');
    END IF;
  END IF;

  v_fresh := cardinality(c_ids) = 0
    AND (SELECT count(DISTINCT id) FROM unnest(v_settled) AS v (id)) = cardinality(v_settled)
    AND NOT EXISTS (SELECT FROM ${s}.results WHERE tree = v_tree AND file_id = ANY (v_wanted))
    AND NOT EXISTS (SELECT FROM ${s}.quarantine WHERE tree = v_tree AND file_id = ANY (v_wanted))
    AND NOT EXISTS (SELECT FROM ${s}.checks WHERE tree = v_tree AND file_id = ANY (v_wanted));

  IF NOT v_fresh THEN
    -- Looked up file by file, by subqueries that are no joins: a planner that knows nothing of new tables would begin a join at the wrong end.
    SELECT u.id, u.refused, (SELECT path FROM ${s}.files WHERE tree = v_tree AND file_id = u.id) INTO v_id, v_refused, v_path FROM (
      SELECT i.id, i.n, CASE
          WHEN row_number() OVER (PARTITION BY i.id ORDER BY i.n) > 1 THEN 'in it twice'
          WHEN (SELECT true FROM ${s}.quarantine AS q WHERE q.tree = v_tree AND q.file_id = i.id) THEN 'quarantined'
          WHEN i.reopened THEN NULL
          WHEN NOT i.reopened AND coalesce((SELECT k.confirmed FROM ${s}.checks AS k WHERE k.tree = v_tree AND k.file_id = i.id), true) THEN 'delivered'
          WHEN i.reopened IS NULL AND i.n > cardinality(d_ids) AND i.n <= cardinality(d_ids) + cardinality(c_ids) THEN 'without a kept result'
        END AS refused
      FROM (
        SELECT id, n, (SELECT r.reopened FROM ${s}.results AS r WHERE r.tree = v_tree AND r.file_id = id) AS reopened
        FROM unnest(v_settled) WITH ORDINALITY AS v (id, n) WHERE id = ANY (v_present) OFFSET 0
      ) AS i
    ) AS u WHERE u.refused IS NOT NULL ORDER BY u.n LIMIT 1;
    IF FOUND THEN
      RAISE 'refused file' USING ERRCODE = '${REFUSALS.file}',
        DETAIL = json_build_object('fileId', v_id, 'path', v_path, 'state', v_refused);
    END IF;

    -- Of files whose contents were checked, and of which there is more to say than that they are as they were, what meeting them would have done
    -- had their stamp told of a change.
    v_checked := ARRAY(SELECT DISTINCT g.id FROM unnest(d_ids || q_ids || a_ids) AS g (id)
      WHERE NOT (SELECT k.confirmed FROM ${s}.checks AS k WHERE k.tree = v_tree AND k.file_id = g.id)
        AND NOT (SELECT r.reopened FROM ${s}.results AS r WHERE r.tree = v_tree AND r.file_id = g.id));
    IF cardinality(v_checked) > 0 THEN
      UPDATE ${s}.files AS f SET stamp = r.stamp FROM (
          SELECT (SELECT x.ctid FROM ${s}.files AS x WHERE x.tree = v_tree AND x.file_id = k.id) AS place,
            (SELECT x.stamp FROM ${s}.results AS x WHERE x.tree = v_tree AND x.file_id = k.id) AS stamp
          FROM unnest(v_checked) AS k (id) OFFSET 0
        ) AS r
        WHERE f.ctid = r.place AND r.stamp <> f.stamp;
      DELETE FROM ${s}.attempts WHERE tree = v_tree AND file_id = ANY (v_checked);
      UPDATE ${s}.results SET reopened = true WHERE tree = v_tree AND file_id = ANY (v_checked);
      DELETE FROM ${s}.checks WHERE tree = v_tree AND file_id = ANY (v_checked);
    END IF;
  END IF;

  IF cardinality(d_ids) > 0 THEN
    IF NOT v_fresh THEN
      DELETE FROM ${s}.highlights WHERE ctid = ANY (${highlightsOf(s, 'v_tree', 'd_ids')});
      -- The files are locked: no row comes between. ON CONFLICT would cost each new row as much again.
      DELETE FROM ${s}.results WHERE ctid = ANY (ARRAY(
        SELECT (SELECT r.ctid FROM ${s}.results AS r WHERE r.tree = v_tree AND r.file_id = d.id) FROM unnest(d_ids) AS d (id)));
    END IF;
    -- By place: unnest() would write all records down before the first of them is a row.
    INSERT INTO ${s}.results (tree, file_id, job, ms, stamp, hash, record, bytes)
      SELECT v_tree, d_ids[n], v_job, d_ms[n], d_stamps[n], d_hashes[n], d_records[n], d_bytes[n]
      FROM generate_series(1, cardinality(d_ids)) AS d (n)
      WHERE v_all OR d_ids[n] = ANY (v_present);
    GET DIAGNOSTICS v_delivered = ROW_COUNT;
    v_revised := v_delivered > 0;
  END IF;

  IF cardinality(c_ids) > 0 THEN
    v_checked := ARRAY(SELECT id FROM unnest(c_ids, c_stamps) AS c (id, stamp) WHERE (
      SELECT NOT r.reopened AND r.stamp = c.stamp FROM ${s}.results AS r WHERE r.tree = v_tree AND r.file_id = c.id));
    UPDATE ${s}.checks SET confirmed = true WHERE tree = v_tree AND file_id = ANY (v_checked);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_delivered := v_delivered + v_count;
    UPDATE ${s}.results AS r SET reopened = false, job = v_job, stamp = c.stamp FROM (
        SELECT c.stamp, (SELECT x.ctid FROM ${s}.results AS x WHERE x.tree = v_tree AND x.file_id = c.id) AS place
        FROM unnest(c_ids, c_stamps) AS c (id, stamp) OFFSET 0
      ) AS c
      WHERE r.ctid = c.place AND (r.reopened OR r.stamp IS NULL OR c.stamp IS NULL OR r.stamp <> c.stamp);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    v_delivered := v_delivered + v_count;
    DELETE FROM ${s}.checks WHERE tree = v_tree AND file_id = ANY (c_ids) AND NOT confirmed;
  END IF;

  IF cardinality(q_ids) > 0 THEN
    DELETE FROM ${s}.results WHERE tree = v_tree AND file_id = ANY (q_ids);
    IF FOUND THEN
      v_revised := true;
      DELETE FROM ${s}.highlights WHERE ctid = ANY (${highlightsOf(s, 'v_tree', 'q_ids')});
    END IF;
    INSERT INTO ${s}.quarantine (tree, file_id, code, message, attempts, evidence)
      SELECT v_tree, q.id, q.code, q.message, q.attempts, q.evidence
      FROM unnest(q_ids, q_codes, q_messages, q_attempts, q_evidence) AS q (id, code, message, attempts, evidence)
      WHERE q.id = ANY (v_present);
    GET DIAGNOSTICS v_quarantined = ROW_COUNT;
  END IF;

  IF cardinality(a_ids) > 0 THEN
    INSERT INTO ${s}.attempts (tree, file_id, attempt, batch_id, code, message, ms)
      SELECT v_tree, a.id, a.attempt, p_batch, a.code, a.message, a.ms
      FROM unnest(a_ids, a_numbers, a_codes, a_messages, a_ms) WITH ORDINALITY AS a (id, attempt, code, message, ms, n)
      WHERE a.id = ANY (v_present) ORDER BY a.n;
  END IF;

  IF cardinality(h_ids) > 0 THEN
    SELECT h.id, (SELECT path FROM ${s}.files WHERE tree = v_tree AND file_id = h.id) INTO v_id, v_path
      FROM unnest(h_ids) WITH ORDINALITY AS h (id, n) WHERE h.id = ANY (v_present)
        AND coalesce((SELECT r.reopened FROM ${s}.results AS r WHERE r.tree = v_tree AND r.file_id = h.id), true) ORDER BY h.n LIMIT 1;
    IF FOUND THEN
      RAISE 'refused file' USING ERRCODE = '${REFUSALS.file}',
        DETAIL = json_build_object('fileId', v_id, 'path', v_path, 'state', 'without a result, yet has a highlight');
    END IF;
    INSERT INTO ${s}.highlights (tree, file_id, list, value, label)
      SELECT v_tree, h.id, h.list, h.value, h.label FROM unnest(h_ids, h_lists, h_values, h_labels) AS h (id, list, value, label)
      WHERE h.id = ANY (v_present);
  END IF;

  IF v_delivered > 0 OR v_quarantined > 0 THEN
    UPDATE ${s}.batches SET delivered = delivered + v_delivered, quarantined = quarantined + v_quarantined, revised = revised + v_revised::int4
      WHERE job = v_job AND batch_id = p_batch;
  END IF;
  IF v_all THEN RETURN '{}'; END IF;
  RETURN ARRAY(SELECT id FROM unnest(v_ids) WITH ORDINALITY AS u (id, n) WHERE id <> ALL (v_present) GROUP BY id ORDER BY min(n));
END $body$`
}
