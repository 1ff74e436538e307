-- Acknowledges entries of the inbox.
--
-- KEYS: inbox, how many wait by source
-- ARGV: group, then of each entry its number, source, and how many letters it has
-- Returns: how many entries were acknowledged by this and not before.
local acknowledged = 0
for position = 2, #ARGV, 3 do
  if redis.call('XACK', KEYS[1], ARGV[1], ARGV[position]) == 1 then
    acknowledged = acknowledged + 1
    redis.call('HINCRBY', KEYS[2], ARGV[position + 1], -ARGV[position + 2])
  end
end
return acknowledged
