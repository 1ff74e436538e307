// The gateway that a client is tried against, and how a client tells what it got: JSON, one value a line.
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";

export const url = process.env.CASEFOLD_URL;
export const socket = `${url.replace(/^http/, "ws")}/graphql`;

export const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const token = new RegExp(`^CASEFOLD_TOKEN_${process.env.CASEFOLD_ROLE}=(.*)$`, "m");

/** Each start of the demo makes new keys: they are read whenever they are needed, as with any proof that ends. */
export const authorization = async () => {
  const told = await readFile(process.env.CASEFOLD_ENVIRONMENT, "utf8").catch(() => "");
  const [, key] = told.match(token) ?? [];
  return key ? `Bearer ${key}` : setTimeout(100).then(authorization);
};

/** Ends although connections may still be open: what a client does not close is not what is tried here. */
export const end = () => process.exit(0);
