-- Writes what is known of entities of one partition, and listings; of each all that goes with it, or nothing.
--
-- KEYS: transitions, outgoing events, ids of those told, agenda, then of each entity its state, the link lists to add
--       to and those to remove from, then the listings
-- ARGV: what is written, as MessagePack: see `_Writing` in settling.py; what is empty of an entity is left out
-- Returns: how many links were dropped, then of each entity 1 when it was written, or its present state when somebody
--          else wrote first, then of each listing 1, or 0 when a newer one was there.
local DIGEST = 32
local LATER_THAN_ALL = 4000000000 -- what has changed is due at once, whatever clocks say: negative until 2096
local transitions, outgoing, told, agenda = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local writing = cmsgpack.unpack(ARGV[1])
local seconds, answer, announced = writing.seconds, {0}, {}
local next_key = 5

local function key()
  next_key = next_key + 1
  return KEYS[next_key - 1]
end

local function link(ids_key, id, is_added)
  local ids, kept = redis.call('GET', ids_key) or '', {}
  for each in string.gmatch(ids, '[^\n]+') do
    if each ~= id then kept[#kept + 1] = each end
  end
  if is_added then kept[#kept + 1] = id end
  while #kept > writing.longest_links do
    table.remove(kept, 1)
    answer[1] = answer[1] + 1
  end
  if #kept > 0 then
    redis.call('SET', ids_key, table.concat(kept, '\n'), 'EX', seconds)
  else
    redis.call('DEL', ids_key)
  end
end

local function pass(name, before, after, agenda_name)
  if agenda_name then
    local time = redis.call('TIME')
    local since = tonumber(time[1]) - LATER_THAN_ALL + tonumber(time[2]) / 1000000
    redis.call('ZADD', agenda, string.format('%.6f', since), agenda_name)
    redis.call('EXPIRE', agenda, seconds)
  end
  redis.call('XADD', transitions, 'MAXLEN', '~', writing.longest_transitions, '*', 'entity', name, 'from', before, 'to', after)
end

local function tell(name, event_id, event)
  if redis.call('ZADD', told, 'NX', redis.call('TIME')[1], event_id) == 1 then
    redis.call('XADD', outgoing, 'MAXLEN', '~', writing.longest_outgoing, '*', 'entity', name, 'event', event)
  end
  redis.call('ZREMRANGEBYRANK', told, 0, -writing.longest_outgoing - 1)
  redis.call('EXPIRE', told, seconds)
end

for _, entity in ipairs(writing.entities) do
  local state, added, removed = key(), entity.added or 0, entity.removed or 0
  local digest = string.sub(entity.state, 1, DIGEST)
  local is_written = redis.call('GETRANGE', state, 0, DIGEST - 1) == (entity.expected or '')
  if is_written then
    redis.call('SET', state, entity.state, 'EX', seconds)
    announced[#announced + 1] = 'E ' .. entity.name .. ' ' .. digest
    for _, number in ipairs(entity.numbers or {}) do announced[#announced + 1] = 'L ' .. number end
  end
  answer[#answer + 1] = is_written and 1 or redis.call('GET', state) or ''
  for position = 1, added + removed do
    local ids_key = key()
    if is_written then link(ids_key, entity.id, position <= added) end
  end
  if is_written and entity.is_transition then pass(entity.name, entity.expected or '', digest, entity.agenda) end
  for _, event in ipairs(entity.news or {}) do
    if is_written then tell(entity.name, event[1], event[2]) end
  end
end

for _, each in ipairs(writing.listings) do
  local listing = key()
  local present = redis.call('GET', listing)
  local is_newer = not present or present < each.value
  if is_newer then
    redis.call('SET', listing, each.value, 'EX', seconds)
    announced[#announced + 1] = 'Q ' .. each.name .. ' ' .. each.value
  end
  answer[#answer + 1] = is_newer and 1 or 0
end

if #announced > 0 then redis.call('PUBLISH', writing.channel, table.concat(announced, '\n')) end
return answer
