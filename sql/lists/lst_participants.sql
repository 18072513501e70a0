-- lst_participants
-- what:    who attends a batch, by the keys under which the vault keeps number and name, and the unit's name
-- grain:   one row per person_key
-- reads:   accepted.enrolments, accepted.batches, accepted.roster, quality.person_identity, staging.stg_units
-- params:  $batch_code
-- note:    the roster's line of the batch's last day, else the nearest one; comparison groups do not attend
with lines as (
    select
        enrolments.person_key,
        roster.nip_key,
        roster.name_key,
        roster.unit_code,
        row_number() over (
            partition by enrolments.person_key
            order by
                roster.valid_from > batches.ends_on,
                abs(date_diff('day', roster.valid_from, batches.ends_on)),
                roster.previous_number_key is null,
                roster.nip_key
        ) as place
    from accepted.enrolments as enrolments
    inner join accepted.batches as batches on batches.batch_code = enrolments.batch_code
    inner join quality.person_identity as identity
        on identity.kind = 'nip' and identity.person_key = enrolments.person_key
    inner join accepted.roster as roster on roster.nip_key = identity.pseudonym
    where
        enrolments.batch_code = $batch_code
        and enrolments.arm = 'trained'
        and enrolments.status <> 'withdrawn'
)
select lines.person_key, lines.nip_key, lines.name_key, coalesce(units.unit_name, lines.unit_code) as unit_name
from lines
left join staging.stg_units as units on units.unit_code = lines.unit_code
where lines.place = 1
order by lines.person_key
