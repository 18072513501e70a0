-- chk_person_names
-- what:    the names by which the roster knows each person (keyed pseudonyms)
-- grain:   one row per person_key and name_key
-- reads:   accepted.roster, quality.person_identity
-- params:  none
-- note:    several persons may share a name: whom it means is decided within a batch (see chk_enrolled_names)
select distinct identity.person_key, roster.name_key
from accepted.roster as roster
inner join quality.person_identity as identity
    on identity.kind = 'nip' and identity.pseudonym = roster.nip_key
where roster.name_key is not null
