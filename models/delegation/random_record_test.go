package delegation_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"locum/models/delegation"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
)

// history is what the record says of a delegation up to a position.
type history struct {
	starts, ends               time.Time
	endless                    bool
	given, accepted, suspended bool
	over                       bool
}

// admits says whether the history lets its consultant work at a moment.
func (h history) admits(at time.Time) bool {
	return h.given && h.accepted && !h.suspended && !h.over && !at.Before(h.starts) && (h.endless || at.Before(h.ends))
}

// checkRecord reads every event in the order of commit. Nobody acts outside a
// delegation that is active by then, nor before he entered or after he left; every
// visit is entered and left once, in the record and in what each superuser of its
// host is told. It gives the number of visits.
func (c *crowd) checkRecord() int {
	c.T.Helper()
	var events []store.Event
	var rows []delegation.Delegation
	var visits []delegation.Visit
	c.System(func(tx *store.Tx) error {
		return cmp.Or(tx.Order("company_id, position").Find(&events).Error, tx.Find(&rows).Error, tx.Find(&visits).Error)
	})
	past := map[string]*history{}
	for _, d := range rows {
		past[d.ID] = &history{starts: d.StartsAt.Time}
	}
	entered, left := map[string]int{}, map[string]int{}
	for _, e := range events {
		if h := past[e.SubjectID]; h != nil {
			h.follow(c.T, e)
		}
		if e.VisitID == "" || e.OrganizationID != e.EffectiveOrganizationID {
			continue
		}
		switch e.Type {
		case event.VisitEntered:
			entered[e.VisitID]++
		case event.VisitLeft:
			left[e.VisitID]++
		case acted:
			if h := past[e.DelegationID]; h == nil || !h.admits(e.OccurredAt.Time) {
				c.T.Errorf("%s acted at %s, position %d, outside %s: %+v", e.AccountName, e.OccurredAt, e.Position, e.DelegationID, h)
			}
			if entered[e.VisitID] != 1 || left[e.VisitID] != 0 {
				c.T.Errorf("%s acted at position %d, having entered %d times and left %d times", e.VisitID, e.Position, entered[e.VisitID], left[e.VisitID])
			}
		}
	}
	for _, v := range visits {
		if v.LeftAt == nil || entered[v.ID] != 1 || left[v.ID] != 1 {
			c.T.Errorf("%s: left %v; entered %d and left %d in the record", v.ID, v.LeftAt, entered[v.ID], left[v.ID])
		}
	}
	c.checkTold(visits)
	return len(visits)
}

// checkTold holds the mails and the inboxes against the visits. Everybody has
// entering and leaving in his inbox, once; what it says of a mail is true; whoever
// was told at once of entering is told of leaving; and of both at least one hears
// at once or by the digest.
func (c *crowd) checkTold(visits []delegation.Visit) {
	c.T.Helper()
	var entries []notice.Entry
	c.System(func(tx *store.Tx) error { return tx.Where("visit_id <> ''").Find(&entries).Error })
	mails, how := map[string]int{}, map[string]string{}
	for _, m := range c.Mails(mail.EnteredKind, mail.LeftKind) {
		part := strings.Split(m.Key, ".") // visit.entered.ID.person
		mails[strings.Join(part[1:], " ")]++
	}
	for _, e := range entries {
		key := fmt.Sprintf("%s %s %s", e.Kind, e.VisitID, e.AccountID)
		if how[key] != "" {
			c.T.Errorf("%s stands in the inbox twice", key)
		}
		how[key] = e.Delivery
		if n := mails[key]; n > 1 || (n == 1) != (e.Delivery == "mail") {
			c.T.Errorf("%s: %d mails, and the inbox says %q", key, n, e.Delivery)
		}
	}
	for _, v := range visits {
		hear := map[mail.Kind]int{}
		for _, person := range c.superusers(v.OrganizationID) {
			in, out := how[fmt.Sprintf("%s %s %s", mail.EnteredKind, v.ID, person)], how[fmt.Sprintf("%s %s %s", mail.LeftKind, v.ID, person)]
			switch {
			case in == "" || out == "":
				c.T.Errorf("%s: %s has entering %q and leaving %q in the inbox", v.ID, person, in, out)
			case in == "mail" && out != "mail":
				c.T.Errorf("%s: %s was mailed of entering, and of leaving by %q", v.ID, person, out)
			case out == "visit":
				c.T.Errorf("%s: %s waits for a mail that never comes", v.ID, person)
			}
			for kind, by := range map[mail.Kind]string{mail.EnteredKind: in, mail.LeftKind: out} {
				if by == "mail" || by == "digest" {
					hear[kind]++
				}
			}
		}
		if hear[mail.EnteredKind] == 0 || hear[mail.LeftKind] == 0 {
			c.T.Errorf("%s: of entering %d hear in time, of leaving %d", v.ID, hear[mail.EnteredKind], hear[mail.LeftKind])
		}
	}
}

// superusers are those of a host.
func (c *crowd) superusers(organization string) []string {
	if organization == c.Zonneveld.Organization {
		return []string{c.ID("karin"), c.ID("pim")}
	}
	return []string{c.ID("marieke"), c.ID("jan")}
}

// follow takes one event of a delegation into its history.
func (h *history) follow(t testing.TB, e store.Event) {
	t.Helper()
	var data struct {
		Ends *time.Time             `json:"ends_at"`
		Kind delegation.PendingKind `json:"kind"` // of a proposal
	}
	if err := json.Unmarshal([]byte(e.Data), &data); err != nil {
		t.Fatal(err)
	}
	switch e.Type {
	case event.DelegationGranted, event.DelegationApproved, event.DelegationExtended, event.DelegationAmended:
		h.given = true // an amendment is told as such
		if h.endless = data.Ends == nil; !h.endless {
			h.ends = *data.Ends
		}
	case event.DelegationAccepted:
		h.accepted = true
	case event.DelegationSuspended:
		h.suspended = true
	case event.DelegationConfirmed:
		h.suspended = false
	case event.DelegationRejected, event.DelegationWithdrawn, event.DelegationLapsed:
		h.over = h.over || data.Kind == delegation.ToGive
	case event.DelegationRevoked, event.DelegationGivenBack, event.DelegationExpired, event.DelegationDeclined:
		h.over = true
	}
}
