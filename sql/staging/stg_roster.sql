-- stg_roster
-- what:    the roster with each person's own key and the day until which a line holds
-- grain:   one row per person and valid_from
-- reads:   accepted.roster, quality.person_identity
-- params:  none
-- note:    one person may appear under two employee numbers; the line of the later number wins a tie
with lines as (
    select
        identity.person_key,
        roster.valid_from,
        roster.unit_code,
        roster.status,
        roster.position_type,
        roster.sex,
        roster.contract_start,
        roster.exit_date,
        row_number() over (
            partition by identity.person_key, roster.valid_from
            order by roster.previous_number_key is null, roster.nip_key
        ) as place
    from accepted.roster as roster
    inner join quality.person_identity as identity
        on identity.kind = 'nip' and identity.pseudonym = roster.nip_key
)
select
    person_key,
    valid_from,
    lead(valid_from) over (partition by person_key order by valid_from) as valid_to,
    unit_code,
    status,
    position_type,
    sex,
    contract_start,
    exit_date
from lines
where place = 1
