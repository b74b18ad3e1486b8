-- Corrects what earlier calls have used, then takes what one call claims: all of it or nothing. Times are microseconds
-- of the server's own clock, so that the clocks of its clients do not matter.
--
-- KEYS  of each correction and each claim two: a hash of arrival times (r: requests, t: tokens), a set of leases
-- ARGV  number of corrections; of each: change of the tokens' time, its most ahead of now, lease that is over or ''
--       of each claim: a request's time, its burst, the tokens' time, their burst, most leases (-1: no limit),
--       and for all of them at the end: how far a debt goes beyond the burst, the lease, and how long it holds
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local corrections = tonumber(ARGV[1])

-- Doubles of this size are a quarter of a microsecond apart.
local SLACK = 1

local function write(hash, field, arrival)
  redis.call('HSET', hash, field, string.format('%.3f', arrival))
  local millis = math.ceil((arrival - now) / 1000) + 1000
  if redis.call('PTTL', hash) < millis then
    redis.call('PEXPIRE', hash, millis)
  end
end

for i = 1, corrections do
  local hash, leases = KEYS[2 * i - 1], KEYS[2 * i]
  local change, most, lease = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), ARGV[3 * i + 1]
  if lease ~= '' then
    redis.call('ZREM', leases, lease)
  end
  if change ~= 0 then
    local arrival = math.max(tonumber(redis.call('HGET', hash, 't')) or 0, now)
    arrival = math.min(arrival + change, math.max(arrival, now + most))
    if arrival > now then
      write(hash, 't', arrival)
    else
      redis.call('HDEL', hash, 't')
    end
  end
end

local claims = #KEYS / 2 - corrections
local max_debt, lease, holds = tonumber(ARGV[#ARGV - 2]), ARGV[#ARGV - 1], tonumber(ARGV[#ARGV])
local taken = {}
for i = 1, claims do
  local key = 2 * (corrections + i)
  local hash, leases = KEYS[key - 1], KEYS[key]
  local at = 1 + 3 * corrections + 5 * (i - 1)
  local request, requests = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local token, tokens = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local most = tonumber(ARGV[at + 5])
  local state = redis.call('HMGET', hash, 'r', 't')
  -- Nothing is further ahead than it could have got: after a step back of the clock, or on a replica whose clock is
  -- another, nobody waits for longer than that.
  local r = math.max(math.min(tonumber(state[1]) or 0, now + math.max(requests, 0)), now)
  local t = math.max(math.min(tonumber(state[2]) or 0, now + math.max(tokens, 0) + max_debt), now)
  local running = 0
  if most >= 0 then
    redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
    running = redis.call('ZCARD', leases)
  end
  local kind, wait = 0, 0
  if most >= 0 and running >= most then
    kind = 3
  elseif tokens >= 0 and t + token > now + tokens + SLACK then
    kind, wait = 2, t + token - now - tokens
  elseif requests >= 0 and r + request > now + requests + SLACK then
    kind, wait = 1, r + request - now - requests
  end
  if kind > 0 then
    return { kind, i, math.ceil(wait), math.ceil(r - now), math.ceil(t - now), running }
  end
  taken[i] = { hash, leases, r + request, t + token, most, running, requests, tokens }
end

local answer = { 0 }
for i = 1, claims do
  local hash, leases, r, t, most, running, requests, tokens = unpack(taken[i])
  if requests >= 0 then
    write(hash, 'r', r)
  end
  if tokens >= 0 then
    write(hash, 't', t)
  end
  if most >= 0 then
    redis.call('ZADD', leases, now + holds, lease)
    redis.call('PEXPIRE', leases, math.ceil(holds / 1000) + 1000)
    running = running + 1
  end
  answer[#answer + 1] = math.ceil(r - now)
  answer[#answer + 1] = math.ceil(t - now)
  answer[#answer + 1] = running
end
return answer
