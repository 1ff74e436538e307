// A graphql-ws client that comes again after every loss, for those that are given one.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { authorization, socket } from "./gateway.mjs";

const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

export const connected = () =>
  createClient({
    url: socket,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 100,
    retryWait: pause,
    shouldRetry: () => true,
  });
