-- chk_person_identity
-- what:    which person is meant by an employee number, an address or a terminal's number (all as keyed pseudonyms)
-- grain:   one row per kind (nip, email, terminal) and pseudonym that means exactly one person
-- reads:   accepted.roster
-- params:  none
-- note:    a changed employee number is followed back to the first one, which is the person's key;
--          an address or a number at terminals that two people share means nobody; names are looked up within
--          a batch only (see chk_enrolled_names)
with recursive link as (
    select distinct nip_key, previous_number_key
    from accepted.roster
    where previous_number_key is not null and previous_number_key <> nip_key
),
chain as (
    select nip_key, nip_key as first_key, 0 as depth
    from accepted.roster
    union
    select chain.nip_key, link.previous_number_key, chain.depth + 1
    from chain
    inner join link on link.nip_key = chain.first_key
    where chain.depth < 20
),
person as (
    select nip_key, arg_max(first_key, depth) as person_key
    from chain
    group by nip_key
),
given as (
    select 'nip' as kind, nip_key as pseudonym, person_key from person
    union
    select 'nip' as kind, person_key as pseudonym, person_key from person
    union
    select 'nip' as kind, link.previous_number_key as pseudonym, person.person_key
    from link
    inner join person on person.nip_key = link.nip_key
    union
    select 'email' as kind, roster.email_key as pseudonym, person.person_key
    from accepted.roster as roster
    inner join person on person.nip_key = roster.nip_key
    where roster.email_key is not null
    union
    select 'terminal' as kind, roster.terminal_number_key as pseudonym, person.person_key
    from accepted.roster as roster
    inner join person on person.nip_key = roster.nip_key
    where roster.terminal_number_key is not null
)
select kind, pseudonym, min(person_key) as person_key
from given
group by kind, pseudonym
having count(distinct person_key) = 1
