import { existsSync, readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../stack/database/cluster.ts';
import { createAllExtensions, createStub, listTextFunctions } from './extensions.ts';
import { connect, createReader } from '../fixture.ts';
import { PostgresServer } from '../server.ts';

/** One line per function that takes text: `extension function(types): passes` or `refused`. A new function is missing from it. */
const verdicts = new Set(
  readFileSync(new URL('extension-verdicts.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n'),
);

const debian = '/usr/lib/postgresql/15/bin';
const servers = [
  { version: '18', binaries: undefined, there: true },
  { version: '15', binaries: debian, there: existsSync(debian) },
] as const;

describe.each(servers)('extension functions of PostgreSQL $version', ({ binaries, there }) => {
  let cluster: Cluster;
  let admin: Client;
  let server: PostgresServer;
  let names: string[];

  beforeAll(async () => {
    if (!there) return;
    cluster = await startCluster({
      ...(binaries !== undefined && { binaries }),
      settings: { shared_preload_libraries: 'pg_stat_statements' },
    });
    const url = await cluster.createDatabase('all');
    admin = await connect(url);
    names = await createAllExtensions(admin);
    await admin.query('create schema audit; create table t (a text)');
    const reader = await createReader(url, 'reader');
    server = await PostgresServer.start({ DATABASE_URL: cluster.url('all', reader) });
  });

  afterAll(async () => {
    await server?.close();
    await admin?.end();
    await cluster?.stop();
  });

  const verdict = async (call: string): Promise<string> => {
    const answer = await server.call('query_database', { query: call });
    const code = JSON.stringify(answer.structuredContent?.['error'] ?? '');
    return code.includes('refused_by_guard') ? 'refused' : 'passes';
  };

  it.runIf(there)('that take text were all reviewed, each with its verdict', async () => {
    const functions = await listTextFunctions(admin);
    expect(functions.length).toBeGreaterThan(100);
    const changed: string[] = [];
    for (const { extension, label, call } of functions) {
      const line = `${extension} ${label}: ${await verdict(call)}`;
      if (!verdicts.has(line)) changed.push(line);
    }
    expect(changed).toEqual([]);
  });

  // A function from tablefunc's library under an unknown name. In the catalog it looks like an honest function.
  it.runIf(there)('that were not reviewed are rejected if they take text, however they are declared', async () => {
    const kinds = [
      'text',
      'varchar',
      'name',
      'cstring',
      'regclass',
      'oid',
      'text[]',
      'json',
      'jsonb',
      'xml',
      'bytea',
      'a_domain',
      'a_row',
      'a_row[]',
      'anyelement',
      '"any"',
      '"char"',
    ];
    await admin.query(`create domain a_domain as text; create type a_row as (a int, b text)`);
    await createStub(admin, 'stranger', {
      ...Object.fromEntries(
        kinds.map((kind, index) => [
          `function f${index}(${kind})`,
          `create function f${index}(${kind}) returns setof record language c stable as '$libdir/tablefunc', 'crosstab'`,
        ]),
      ),
      'function dynamic(text)': `create function dynamic(q text) returns int language plpgsql stable as
        $$ declare r int; begin execute q into r; return r; end $$`,
      'function number(int)': `create function number(int) returns int language sql immutable as 'select $1'`,
      'function words(text)': `create function words(text) returns int language sql immutable as 'select length($1)'`,
    });
    const passed: string[] = [];
    for (const [index, kind] of kinds.entries()) {
      const call = `select * from f${index}(null::${/any/.test(kind) ? 'text' : kind}) as x (a int)`;
      if ((await verdict(call)) === 'passes') passed.push(kind);
    }
    expect(passed).toEqual([]);
    expect(await verdict("select dynamic('select 1')")).toBe('refused');
    expect((await server.query("select number(1), words('ab')")).rows).toEqual([[1, 2]]);
  });

  it.runIf(there)('that were not reviewed pass if the owner vouches for them', async () => {
    const trusting = await PostgresServer.start({
      DATABASE_URL: cluster.url('all'),
      DB_ALLOW_SUPERUSER: '1',
      DB_ALLOW_FUNCTIONS: 'dynamic',
    });
    try {
      expect((await trusting.query("select dynamic('select 1')")).rows).toEqual([[1]]);
    } finally {
      await trusting.close();
    }
  });

  it('PostGIS: functions that paste text into SQL are rejected, their namesakes are not', async ({ skip }) => {
    if (!names?.includes('postgis_raster') || !names.includes('postgis_topology')) skip('no PostGIS here');
    await admin.query(`
      create table places (id int, name text, geom geometry(Point, 4326), geometry geometry);
      insert into places values (1, 'x', 'SRID=4326;POINT(1 2)', 'POINT(1 2)'); analyze places;
      create table rasters (name text, rast raster);
      insert into rasters select 'a', st_addband(st_makeemptyraster(2, 2, 0, 0, 1), '32BF'::text, 1, null);
      grant select on places, rasters to reader; grant usage on schema topology to reader`);
    const injection = `'pg_am", (select 1) y --'`;
    const attacks = [
      `select * from st_valuecount(${injection}, 'rast', 1, true, null::float8[], 0)`,
      `select * from _st_valuecount(${injection}, 'rast', 1, true, null::float8[], 0)`,
      `select * from st_valuepercent(${injection}, 'rast', 1, true, null::float8[], 0)`,
      `select st_valuecount(name, 'rast', 1) from rasters`,
      `select st_valuecount(x, 'rast', 1) from (select name as x from rasters) q`,
      `select st_valuecount(rast, 'rast', 1) from (select name as rast from rasters) q`,
      `select st_valuecount(rast, 'rast', 1) from (select name from rasters) q (rast)`,
      `with q (rast) as (select name from rasters) select st_valuecount(rast, 'rast', 1) from q`,
      `select st_valuecount(rast, 'x') from (select rast from (select name as rast from rasters) q) q`,
      `select st_valuecount(name, 'x') from (select name::text from rasters) q`,
      `select st_valuecount(text, 'x') from (select 'a'::text) q`,
      `select st_valuecount(u, 'rast', 1) from unnest(array['a']) u`,
      `select st_valuecount((array['a'])[1], 'rast', 1)`,
      `select st_valuecount(rast::text, 'rast', 1) from rasters`,
      `select st_valuecount($1, 'rast', 1)`,
      `select st_valuecount((select name from rasters), 'rast', 1)`,
      `select st_valuecount(case when true then name end, 'rast', 1) from rasters`,
      `select st_valuecount(coalesce(name, 'x'), 'rast', 1) from rasters`,
      `select st_valuecount(geom, 'rast', 1) from (select geom from places union all select name from rasters) q`,
      `select st_valuecount(rastertable => 'x', rastercolumn => 'rast', nband => 1)`,
      `select st_mapalgebra(rast, 1, '32BF'::text, '(select pg_sleep(1))::text'::text) from rasters`,
      `select st_mapalgebraexpr(rast, 1, '32BF'::text, '1') from rasters`,
      `select st_mapalgebra(rast, 1, 'st_max4ma(float8[],int4[],text[])'::regprocedure) from rasters`,
      `select st_findextent('places" --', 'geom')`,
      `select st_fromflatgeobuftotable('public', 'evil', '\\x00')`,
      `select addgeometrycolumn('places', 'evil', 4326, 'POINT', 2)`,
      `select standardize_address('us_lex', 'us_gaz', 'us_rules', 'x')`,
      `select st_addband(rast, 1, '/etc/passwd'::text, array[1]) from rasters`,
      `select st_asmvt(null::places)`,
      `select st_asflatgeobuf(null::places)`,
      `select st_srid(row(1, 1, 1, 1))`,
      `select st_srid(q) from (select 1, 1, 1, 1) q`,
    ];
    const passed: string[] = [];
    for (const query of attacks) {
      const answer = await server.call('query_database', { query, ...(query.includes('$1') && { params: ['x'] }) });
      if (!JSON.stringify(answer.structuredContent?.['error'] ?? '').includes('refused_by_guard')) passed.push(query);
    }
    expect(passed).toEqual([]);
    const honest = [
      'select st_srid(geom), st_simplify(geom, 0.1) from places',
      'select st_srid(g) from (select st_union(geom) as g from places) x',
      'with a as (select geom from places union all select geom from places) select st_srid(geom) from a',
      'select st_geometrytype(geom), st_srid(st_transform(geom, 3857)) from places',
      'select (st_dump(geom)).geom, st_srid((st_dump(geom)).geom) from places',
      'select st_srid((select geom from places limit 1)), st_srid(coalesce(geom, geometry)) from places',
      'select p.geometry, p.geom from places p',
      'select id from places where st_dwithin(geom::geography, st_makepoint(1, 2)::geography, 1000)',
      "select id from places where st_intersects(geom, st_geomfromtext('POLYGON((0 0, 0 9, 9 9, 9 0, 0 0))', 4326))",
      'select st_asgeojson(geom), st_astext(geom), st_asewkt(geom), st_askml(geom), st_distance(geom, geom) from places',
      "select st_transform(geom, 'EPSG:3857'), st_buffer(geom, 1, 'quad_segs=2') from places",
      'select st_collect(geom), st_extent(geom), st_clusterdbscan(geom, 1, 1) over () from places group by geom',
      "select st_estimatedextent('places', 'geom')",
      'select st_valuecount(rast, 1, true) from rasters',
      'select (st_valuecount(rast, 1)).* from rasters',
      'select st_value(rast, 1, 1, 1), (st_summarystats(rast)).count, st_asraster(st_makepoint(1, 2), 1, 1) from rasters',
      'select * from geometry_columns',
      'select * from raster_columns',
      'select postgis_full_version()',
    ];
    const refused: string[] = [];
    for (const query of honest) {
      const answer = await server.call('query_database', { query });
      if (answer.isError === true) refused.push(`${query}: ${answer.content[0]?.text}`);
    }
    expect(refused).toEqual([]);
    const masking = await PostgresServer.start({
      DATABASE_URL: cluster.url('all'),
      DB_ALLOW_SUPERUSER: '1',
      DB_MASK_COLUMNS: 'places.geom',
    });
    try {
      expect((await masking.refusal("select st_estimatedextent('places', 'geom')")).message).toContain(
        'column masking',
      );
    } finally {
      await masking.close();
    }
  });
});
