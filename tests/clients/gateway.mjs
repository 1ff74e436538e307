// The gateway that a client is tried against, and how a client tells what it got: JSON, one value a line.
import { createInterface } from "node:readline/promises";

export const url = process.env.CASEFOLD_URL;
export const authorization = `Bearer ${process.env.CASEFOLD_TOKEN ?? ""}`;
export const socket = `${url.replace(/^http/, "ws")}/graphql`;

export const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Waits for the test to say that it has done its part, e.g. started the gateway again. */
export const told = async () => (await lines.next()).value;

/** Ends although connections may still be open: what a client does not close is not what is tried here. */
export const end = () => process.exit(0);
