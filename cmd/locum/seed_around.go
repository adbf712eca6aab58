package main

import (
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/tenancy"
)

// aroundThem is what superusers and firms did beside giving delegations and
// working by them: a request that waits, a firm that names its people, a
// proposal that waits for a second superuser, mails in a digest, a read inbox.
func (s *seed) aroundThem() []step {
	const karin, pim, marieke, hoekstra = "karin@zonneveld.example", "pim@zonneveld.example", "marieke@devries.example", "jw.hoekstra@devries.example"
	const ruben, daan, sanne, aisha = "ruben@koppelwerk.example", "daan.mulder@devries.example", "sanne@kade.example", "aisha@kade.example"
	var firm delegation.Firm
	var named delegation.Delegation
	at := func(ago time.Duration, what string, do func() error) step {
		return step{s.ago(ago), func() { s.do(what, do) }}
	}
	return []step{
		at(10*day, "a digest for Pim", func() error {
			open, err := s.openAt(pim, aisha)
			if err != nil {
				return err
			}
			return s.house.Delegations.Watch(s.ctx, s.as(pim), open, delegation.Watch{Mode: tenancy.Digest})
		}),
		at(7*day, "a delegation to Kade", func() (err error) {
			firm, err = s.house.Delegations.GrantFirm(s.ctx, s.as(marieke), delegation.FirmProposal{Firm: "kade.example", People: 2,
				Roles: []string{s.roles["planning/viewer"].ID}, Chosen: true, Period: delegation.ThreeMonths, Reason: "Help desk for planners", Ticket: "DV-198"})
			return err
		}),
		at(6*day, "Kade names Aisha", func() (err error) {
			named, err = s.house.Delegations.NamePerson(s.ctx, s.as(sanne), firm.ID, s.account(aisha))
			return err
		}),
		at(6*day-time.Hour, "Aisha accepts", func() error { return s.house.Delegations.Accept(s.ctx, s.as(aisha), named.ID) }),
		at(2*day+20*time.Hour, "approval at De Vries", func() error {
			return s.house.Members.SetHosting(s.ctx, s.as(marieke), tenancy.Hosting{Approval: true, Notify: tenancy.AtOnce})
		}),
		at(2*day, "Karin reads her inbox", func() error { return s.house.Inbox.ReadAll(s.ctx, s.as(karin), s.clock.Now()) }),
		at(44*time.Hour, "a proposal at De Vries", func() error {
			_, err := s.house.Delegations.Grant(s.ctx, s.as(hoekstra), delegation.Proposal{Email: ruben, Roles: []string{s.roles["stock/editor"].ID},
				Period: delegation.Month, Reason: "Link the scanners with stock", Ticket: "DV-211", Language: "nl"})
			return err
		}),
		at(26*time.Hour, "Daan asks for access", func() error {
			if err := s.house.RequestLinks.Renew(s.ctx, s.as(karin)); err != nil {
				return err
			}
			link, err := s.house.RequestLinks.Current(s.ctx, s.as(karin))
			if err != nil {
				return err
			}
			_, err = s.house.Delegations.RequestAccess(s.ctx, s.as(daan), link.Token, delegation.Wish{Period: delegation.Week,
				Reason: "Loading lists of the morning round"})
			return err
		}),
	}
}

// openAt is the delegation in by's organization that somebody may enter with.
func (s *seed) openAt(by, email string) (string, error) {
	list, err := s.house.Delegations.List(s.ctx, s.as(by))
	for _, d := range list {
		if d.Email == email && !d.Over(s.clock.Now()) {
			return d.ID, nil
		}
	}
	if err == nil {
		err = models.Unknown()
	}
	return "", err
}
