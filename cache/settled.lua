-- Says up to where the journal is settled.
--
-- KEYS: inbox
-- ARGV: group
-- Returns: the number of the last entry that was given to anybody, and of the first of these that is not settled yet, or ""
local delivered, waiting = '0-0', ''
if redis.call('EXISTS', KEYS[1]) == 1 then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    local told = {}
    for position = 1, #group, 2 do told[group[position]] = group[position + 1] end
    if told['name'] == ARGV[1] then
      delivered = told['last-delivered-id']
      local pending = redis.call('XPENDING', KEYS[1], ARGV[1])
      if pending[1] > 0 then waiting = pending[2] end
    end
  end
end
return {delivered, waiting}
