-- Settles what earlier calls have cost, then reserves for one call: in all of its budgets or in none. Amounts are whole
-- billionths of a dollar, below 2^53 each; times are milliseconds of the server's own clock.
--
-- KEYS  of each settlement and each claim two: a hash (s: spent, r: reserved), a set of leases by their deadline, whose
--       members are `LEASE:AMOUNT`, and of settlements that were told, `told:LEASE:0`; between them of each settlement
--       that is known to have arrived the set
-- ARGV  number of settlements, and of those that are known to have arrived
--       of each settlement: lease, amount reserved, cost, and the time until which its row is kept (0: for good)
--       of each that has arrived: lease
--       of each claim: its limit, and that time
--       and for all of them at the end: 1 to reserve or 0 to look, the lease, the amount, how long a lease holds
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local settlements, known = tonumber(ARGV[1]), tonumber(ARGV[2])

-- So long a settlement may be told again without being counted again: a day, and once its process knows that it has
-- arrived, as long as what was sent before may still be on its way.
local TOLD, KNOWN = 86400000, 10000
-- Above it, doubles are not exact.
local MOST = '9007199254740991'

local function add(row, field, amount)
  if amount ~= '0' and amount ~= '-0' then
    local sum = redis.pcall('HINCRBY', row, field, amount)
    if type(sum) == 'table' and sum.err then
      -- Beyond 64 bits; or no hash, of which this is an error, too.
      redis.call('HSET', row, field, MOST)
    end
  end
end

-- Both go together: a sum without its leases would never come down.
local function keep(row, held, till)
  if till ~= '0' then
    redis.call('PEXPIREAT', row, till)
    redis.call('PEXPIREAT', held, till)
  end
end

for i = 1, settlements do
  local row, held = KEYS[2 * i - 1], KEYS[2 * i]
  local at = 2 + 4 * (i - 1)
  local lease, amount, cost, till = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  if redis.call('ZREM', held, lease .. ':' .. amount) == 1 then
    add(row, 'r', '-' .. amount)
  end
  -- A lease that is not there may have run out: its cost counts all the same, but once.
  local told = 'told:' .. lease .. ':0'
  if cost ~= '0' and not redis.call('ZSCORE', held, told) then
    add(row, 's', cost)
    redis.call('ZADD', held, now + TOLD, told)
    keep(row, held, till)
  end
end

for i = 1, known do
  redis.call('ZADD', KEYS[2 * settlements + i], 'XX', 'LT', now + KNOWN, 'told:' .. ARGV[2 + 4 * settlements + i] .. ':0')
end

local first_key, first = 2 * settlements + known, 2 + 4 * settlements + known
local claims = (#KEYS - first_key) / 2
local reserves, lease, amount, holds = ARGV[#ARGV - 3], ARGV[#ARGV - 2], ARGV[#ARGV - 1], ARGV[#ARGV]
local levels, refused = {}, 0
for i = 1, claims do
  local row, held = KEYS[first_key + 2 * i - 1], KEYS[first_key + 2 * i]
  -- Calls whose process has died, or that last too long.
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', held, '-inf', now, 'LIMIT', 0, 1000)) do
    redis.call('ZREM', held, member)
    add(row, 'r', '-' .. string.match(member, ':(%d+)$'))
  end
  local state = redis.call('HMGET', row, 's', 'r')
  local spent, reserved = tonumber(state[1]) or 0, math.max(tonumber(state[2]) or 0, 0)
  levels[2 * i - 1], levels[2 * i] = spent, reserved
  if refused == 0 and spent + reserved >= tonumber(ARGV[first + 2 * (i - 1) + 1]) then
    refused = i
  end
end

if reserves == '1' and refused == 0 then
  for i = 1, claims do
    local row, held = KEYS[first_key + 2 * i - 1], KEYS[first_key + 2 * i]
    redis.call('ZADD', held, now + tonumber(holds), lease .. ':' .. amount)
    add(row, 'r', amount)
    keep(row, held, ARGV[first + 2 * (i - 1) + 2])
    levels[2 * i] = levels[2 * i] + tonumber(amount)
  end
end
table.insert(levels, 1, refused)
return levels
