-- Writes what is known of one entity, or does nothing.
--
-- KEYS: state, transitions, then the link sets to add to, then those to remove from
-- ARGV: expected digest ("" for none), new digest, bytes, member, how many sets to add to,
--       seconds to live, longest stream, channel
-- Returns: 1 and nothing when written, 0 and the present bytes when somebody else wrote first.
local state, transitions = KEYS[1], KEYS[2]
local present = redis.call('HGET', state, 'digest') or ''
if present ~= ARGV[1] then
  return {0, redis.call('HGET', state, 'known') or ''}
end
redis.call('HSET', state, 'digest', ARGV[2], 'known', ARGV[3])
redis.call('EXPIRE', state, ARGV[6])
local added = tonumber(ARGV[5])
for position = 3, #KEYS do
  if position - 2 <= added then
    redis.call('SADD', KEYS[position], ARGV[4])
    redis.call('EXPIRE', KEYS[position], ARGV[6])
  else
    redis.call('SREM', KEYS[position], ARGV[4])
  end
end
redis.call('XADD', transitions, 'MAXLEN', '~', ARGV[7], '*', 'entity', ARGV[4], 'from', ARGV[1], 'to', ARGV[2])
redis.call('PUBLISH', ARGV[8], ARGV[4])
return {1, ''}
