-- Writes what is known of one entity, or does nothing.
--
-- KEYS: state, transitions, outgoing events, ids of those told, agenda, then the link lists to add to, then those to
--       remove from
-- ARGV: expected digest ("" for none), new state (digest first), name, id, how many lists to add to,
--       seconds to live, longest stream, longest link list, channel, announcement, whether it is a transition,
--       longest stream of outgoing events, what the agenda calls it ("" for nothing to be thought about), then id and
--       bytes of each event that the transition gives
-- Returns: 1, "" and how many links were dropped when written; 0 and the present state when somebody else wrote first.
local DIGEST, LISTS, EVENTS = 32, 6, 14
local LATER_THAN_ALL = 4000000000 -- what has changed is due at once, whatever clocks say: negative until 2096
local state, transitions, outgoing, told, agenda = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local present = redis.call('GETRANGE', state, 0, DIGEST - 1)
if present ~= ARGV[1] then
  return {0, redis.call('GET', state) or '', 0}
end
redis.call('SET', state, ARGV[2], 'EX', ARGV[6])
local id, added, longest, dropped = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[8]), 0
for position = LISTS, #KEYS do
  local ids, kept = redis.call('GET', KEYS[position]) or '', {}
  for each in string.gmatch(ids, '[^\n]+') do
    if each ~= id then kept[#kept + 1] = each end
  end
  if position - LISTS < added then kept[#kept + 1] = id end
  while #kept > longest do
    table.remove(kept, 1)
    dropped = dropped + 1
  end
  if #kept > 0 then
    redis.call('SET', KEYS[position], table.concat(kept, '\n'), 'EX', ARGV[6])
  else
    redis.call('DEL', KEYS[position])
  end
end
if ARGV[11] == '1' then
  local digest = string.sub(ARGV[2], 1, DIGEST)
  if ARGV[13] ~= '' then
    local time = redis.call('TIME')
    local since = tonumber(time[1]) - LATER_THAN_ALL + tonumber(time[2]) / 1000000
    redis.call('ZADD', agenda, string.format('%.6f', since), ARGV[13])
    redis.call('EXPIRE', agenda, ARGV[6])
  end
  redis.call('XADD', transitions, 'MAXLEN', '~', ARGV[7], '*', 'entity', ARGV[3], 'from', ARGV[1], 'to', digest)
end
if #ARGV >= EVENTS then
  local now = tonumber(redis.call('TIME')[1])
  for position = EVENTS, #ARGV, 2 do
    if redis.call('ZADD', told, 'NX', now, ARGV[position]) == 1 then
      redis.call('XADD', outgoing, 'MAXLEN', '~', ARGV[12], '*', 'entity', ARGV[3], 'event', ARGV[position + 1])
    end
  end
  redis.call('ZREMRANGEBYRANK', told, 0, -tonumber(ARGV[12]) - 1)
  redis.call('EXPIRE', told, ARGV[6])
end
redis.call('PUBLISH', ARGV[9], ARGV[10])
return {1, '', dropped}
