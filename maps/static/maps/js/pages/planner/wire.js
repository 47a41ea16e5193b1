/** What the split studio asks the server, and the shape in which the rest of it reads the answers. */

import { get, post } from "../../lib/api.js";

const SPLITS = "/api/v1/splits";
const PATIENCE = 60_000; // an edit of a large community is computed while one waits

const featureOf = ({ key, geometry, ...properties }) => ({ type: "Feature", id: key, geometry, properties });

/** A proposal with its grids as GeoJSON features whose ids are the keys that edits call them by. */
const shaped = ({ features, ...split }) => ({ ...split, grids: features.map(featureOf) });

/** The latest proposals of a community, newest first, without their areas. */
export const list = async (community) => (await get(`${SPLITS}?region=${community}`)).results;

/** One proposal with its grids. */
export const load = async (id) => shaped(await get(`${SPLITS}/${id}`));

/** The blocks that a proposal's grids consist of. */
export const loadBlocks = async (id) => (await get(`${SPLITS}/${id}/blocks`)).results.map(featureOf);

/** Starts computing a proposal; answers with the job. */
export const start = (parameters) => post(SPLITS, parameters);

/** Makes the grids of a day a proposal: today's to change them by hand, an earlier day's to go back to them. */
export const fromGrids = async (community, on = undefined) =>
  shaped(await post(`${SPLITS}/from-grids`, { region: community, on }, { timeout: PATIENCE }));

/** One edit by hand of the version that was seen; answers with the proposal as it is then. */
export const edit = async ({ id, version }, verb, parameters) =>
  shaped(await post(`${SPLITS}/${id}/edits`, { version, verb, ...parameters }, { timeout: PATIENCE }));

/** @param {"undo"|"redo"} verb */
export const step = async ({ id, version }, verb) =>
  shaped(await post(`${SPLITS}/${id}/${verb}`, { version }, { timeout: PATIENCE }));

/** What accepting would change for whom. */
export const preview = (id) => get(`${SPLITS}/${id}/preview`, { timeout: PATIENCE });

/** Makes the proposal the grids of its community, as its preview showed it. */
export const accept = (id, fingerprint) =>
  post(`${SPLITS}/${id}/accept`, { fingerprint }, { timeout: PATIENCE });

/** The grids of a community today, each with its owner. */
export async function today(community) {
  const { grids } = await get(`/api/v1/fair-load/${community}`);
  return grids.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** The grid leaders of a community. */
export const leaders = async (community) =>
  (await get(`/api/v1/people?region=${community}&role=leader&limit=100`)).results;

/** Lets somebody own a grid from today on. */
export const assign = (grid, person) => post("/api/v1/assignments", { grid, person });

/** Throws a proposal away. */
export const discard = ({ id, version }) => post(`${SPLITS}/${id}/discard`, { version });
