-- Writes what was concluded of one order, its rows on the stall board and what the outside is told of it, or does nothing.
--
-- KEYS: conclusions, agenda, rows of the board, outgoing events, ids of those told, then indexes of the board
-- ARGV: expected digest ("" for none), new conclusions (digest first; "" for none), seconds to live,
--       the order as the agenda calls it, when it has to be looked at again ("" for never), channel, announcement,
--       longest stream of outgoing events, how many events, id and bytes of each,
--       how many rows go, of each: its name, how many indexes, their positions in KEYS,
--       how many rows come, of each: its name, its score, its bytes, how many indexes, their positions in KEYS
-- Returns: 1 and "" when written; 0 and the present conclusions when somebody else wrote first.
local DIGEST = 32
local conclusions, agenda, rows, outgoing, told = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local present = redis.call('GETRANGE', conclusions, 0, DIGEST - 1)
if present ~= ARGV[1] then
  return {0, redis.call('GET', conclusions) or ''}
end
local position = 8
local function take()
  position = position + 1
  return ARGV[position]
end

if ARGV[2] == '' then
  redis.call('DEL', conclusions)
else
  redis.call('SET', conclusions, ARGV[2], 'EX', ARGV[3])
end
if ARGV[5] == '' then
  redis.call('ZREM', agenda, ARGV[4])
else
  redis.call('ZADD', agenda, ARGV[5], ARGV[4])
  redis.call('EXPIRE', agenda, ARGV[3])
end
local now = redis.call('TIME')[1]
for _ = 1, tonumber(take()) do
  local id, event = take(), take()
  if redis.call('ZADD', told, 'NX', now, id) == 1 then
    redis.call('XADD', outgoing, 'MAXLEN', '~', ARGV[8], '*', 'entity', ARGV[4], 'event', event)
  end
  redis.call('ZREMRANGEBYRANK', told, 0, -tonumber(ARGV[8]) - 1)
  redis.call('EXPIRE', told, ARGV[3])
end
for _ = 1, tonumber(take()) do
  local row = take()
  redis.call('HDEL', rows, row)
  for _ = 1, tonumber(take()) do
    redis.call('ZREM', KEYS[tonumber(take())], row)
  end
end
for _ = 1, tonumber(take()) do
  local row, score, bytes = take(), take(), take()
  redis.call('HSET', rows, row, bytes)
  for _ = 1, tonumber(take()) do
    redis.call('ZADD', KEYS[tonumber(take())], score, row)
  end
end
for _, key in ipairs({rows, unpack(KEYS, 6)}) do
  redis.call('EXPIRE', key, ARGV[3])
end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return {1, ''}
