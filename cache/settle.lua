-- Writes what is known of entities of one partition, and listings; of each all that goes with it, or nothing.
--
-- KEYS: transitions, outgoing events, ids of those told, agenda, then of each entity its state, the link lists to add
--       to and those to remove from, then the listings
-- ARGV: channel, seconds to live, longest stream of transitions, longest link list, longest stream of outgoing events,
--       how many entities, of each: expected digest ("" for none), new state (digest first), what is announced, name,
--       id, how many lists to add to, how many to remove from, whether it is a transition, what the agenda calls it
--       ("" for nothing to be thought about), how many events the transition gives, id and bytes of each,
--       how many listings, of each: its value, which begins with its moment, spelled so that later is greater, and what
--       is announced
-- Returns: how many links were dropped, then of each entity 1 when it was written, or its present state when somebody
--          else wrote first, then of each listing 1, or 0 when a newer one was there.
local DIGEST = 32
local LATER_THAN_ALL = 4000000000 -- what has changed is due at once, whatever clocks say: negative until 2096
local transitions, outgoing, told, agenda = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local channel, seconds, longest_transitions, longest_outgoing = ARGV[1], ARGV[2], ARGV[3], ARGV[5]
local longest_links = tonumber(ARGV[4])
local answer, announced = {0}, {}
local next_key, next_argument = 5, 6

local function key()
  next_key = next_key + 1
  return KEYS[next_key - 1]
end

local function take()
  next_argument = next_argument + 1
  return ARGV[next_argument - 1]
end

local function link(ids_key, id, is_added)
  local ids, kept = redis.call('GET', ids_key) or '', {}
  for each in string.gmatch(ids, '[^\n]+') do
    if each ~= id then kept[#kept + 1] = each end
  end
  if is_added then kept[#kept + 1] = id end
  while #kept > longest_links do
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
  if agenda_name ~= '' then
    local time = redis.call('TIME')
    local since = tonumber(time[1]) - LATER_THAN_ALL + tonumber(time[2]) / 1000000
    redis.call('ZADD', agenda, string.format('%.6f', since), agenda_name)
    redis.call('EXPIRE', agenda, seconds)
  end
  redis.call('XADD', transitions, 'MAXLEN', '~', longest_transitions, '*', 'entity', name, 'from', before, 'to', after)
end

local function tell(name, event_id, event)
  if redis.call('ZADD', told, 'NX', redis.call('TIME')[1], event_id) == 1 then
    redis.call('XADD', outgoing, 'MAXLEN', '~', longest_outgoing, '*', 'entity', name, 'event', event)
  end
  redis.call('ZREMRANGEBYRANK', told, 0, -tonumber(longest_outgoing) - 1)
  redis.call('EXPIRE', told, seconds)
end

for _ = 1, tonumber(take()) do
  local state, expected, new, announcement, name, id = key(), take(), take(), take(), take(), take()
  local added, removed, is_transition, agenda_name = tonumber(take()), tonumber(take()), take() == '1', take()
  local is_written = redis.call('GETRANGE', state, 0, DIGEST - 1) == expected
  if is_written then
    redis.call('SET', state, new, 'EX', seconds)
    announced[#announced + 1] = announcement
  end
  answer[#answer + 1] = is_written and 1 or redis.call('GET', state) or ''
  for position = 1, added + removed do
    local ids_key = key()
    if is_written then link(ids_key, id, position <= added) end
  end
  if is_written and is_transition then pass(name, expected, string.sub(new, 1, DIGEST), agenda_name) end
  for _ = 1, tonumber(take()) do
    local event_id, event = take(), take()
    if is_written then tell(name, event_id, event) end
  end
end

for _ = 1, tonumber(take()) do
  local listing, value, announcement = key(), take(), take()
  local present = redis.call('GET', listing)
  local is_newer = not present or present < value
  if is_newer then
    redis.call('SET', listing, value, 'EX', seconds)
    announced[#announced + 1] = announcement
  end
  answer[#answer + 1] = is_newer and 1 or 0
end

if #announced > 0 then redis.call('PUBLISH', channel, table.concat(announced, '\n')) end
return answer
