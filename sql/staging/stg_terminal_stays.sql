-- stg_terminal_stays
-- what:    how long a person was there during a session by a terminal's punches: from the first to the last of the day
-- grain:   one row per session_code and person_key
-- reads:   accepted.presence, accepted.sessions
-- params:  none
-- note:    the key that was pressed is not used: many press "in" when they leave. Punches within a minute are one;
--          who has a single one is marked, since it does not tell how long the person stayed
with punches as (
    select
        sessions.session_code,
        sessions.starts_at,
        sessions.ends_at,
        presence.person_key,
        min(presence.joined_at) as first_at,
        max(presence.joined_at) as last_at
    from accepted.presence as presence
    inner join accepted.sessions as sessions
        on
            sessions.batch_code = presence.batch_code
            and cast(sessions.starts_at as date) = cast(presence.joined_at as date)
    where presence.punch is not null and presence.person_key is not null
    group by sessions.session_code, sessions.starts_at, sessions.ends_at, presence.person_key
)
select
    session_code,
    person_key,
    greatest(0, date_diff('second', greatest(first_at, starts_at), least(last_at, ends_at))) as stayed_seconds,
    date_diff('second', first_at, last_at) < 60 as is_single
from punches
