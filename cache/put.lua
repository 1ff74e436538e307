-- Writes what is known of one entity, or does nothing.
--
-- KEYS: state, transitions, then the link lists to add to, then those to remove from
-- ARGV: expected digest ("" for none), new state (digest first), name, id, how many lists to add to,
--       seconds to live, longest stream, longest link list, channel, announcement, whether it is a transition
-- Returns: 1, "" and how many links were dropped when written; 0 and the present state when somebody else wrote first.
local DIGEST = 32
local state, transitions = KEYS[1], KEYS[2]
local present = redis.call('GETRANGE', state, 0, DIGEST - 1)
if present ~= ARGV[1] then
  return {0, redis.call('GET', state) or '', 0}
end
redis.call('SET', state, ARGV[2], 'EX', ARGV[6])
local id, added, longest, dropped = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[8]), 0
for position = 3, #KEYS do
  local ids, kept = redis.call('GET', KEYS[position]) or '', {}
  for each in string.gmatch(ids, '[^\n]+') do
    if each ~= id then kept[#kept + 1] = each end
  end
  if position - 2 <= added then kept[#kept + 1] = id end
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
  redis.call('XADD', transitions, 'MAXLEN', '~', ARGV[7], '*', 'entity', ARGV[3], 'from', ARGV[1], 'to', digest)
end
redis.call('PUBLISH', ARGV[9], ARGV[10])
return {1, '', dropped}
