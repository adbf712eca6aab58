package tenancy

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Hosting is what an organization asks of its visitors, and of the delegations
// that its superusers give.
type Hosting struct {
	Approval       bool // another superuser has to agree to each delegation
	LongestDays    int  // a delegation ends at most so many calendar days after its start; 0: no cap, nor need of an end
	TicketRequired bool
	SecondFactor   bool   // a visitor has shown a passkey, or his provider says that he used a second factor
	SignInMinutes  int    // a visitor's sign-in is at most so old; 0: of any age
	OwnSignOn      bool   // a visitor signed in through the single sign-on of a verified domain of his company
	Networks       string // from which visitors may come: prefixes, separated by a line end; empty: from anywhere
	MailNeeded     bool   // nobody enters while mail cannot be sent
	Notify         Notify // how superusers hear of visits who chose nothing themselves
}

// Notify is how a superuser hears of visits by mail.
type Notify string

// The ways. Whatever is chosen, the inbox, the activity and webhooks get everything.
const (
	AtOnce   Notify = "at_once"   // a mail for each event
	PerVisit Notify = "per_visit" // one mail for each visit, when it ends
	Digest   Notify = "digest"    // one mail a day, never an empty one
	Muted    Notify = "muted"     // none, for a while
)

// The bounds of what a host can ask.
const (
	maxLongestDays   = 3650
	maxSignInMinutes = 7 * 24 * 60
	maxNetworks      = 50
)

// Cap is the latest end of a delegation that starts then, or nil where the host
// sets none. Days are calendar days of the host.
func (h Hosting) Cap(starts time.Time, zone *time.Location) *time.Time {
	if h.LongestDays == 0 {
		return nil
	}
	end := starts.In(zone).AddDate(0, 0, h.LongestDays)
	return &end
}

// Prefixes are the networks from which visitors may come; none: from anywhere.
func (h Hosting) Prefixes() (list []netip.Prefix) {
	for line := range strings.FieldsSeq(h.Networks) {
		if p, ok := prefix(line); ok {
			list = append(list, p)
		}
	}
	return list
}

// prefix reads a network, or one address as a network of its own.
func prefix(text string) (netip.Prefix, bool) {
	if one, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(one.Unmap(), one.Unmap().BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}

// Check says what is wrong, by field, and brings the networks into one form.
func (h *Hosting) Check() error {
	wrong := models.FieldErrors{}
	if h.LongestDays < 0 || h.LongestDays > maxLongestDays {
		wrong.Add("longest_days", "policy.error.between", "Most", maxLongestDays)
	}
	if h.SignInMinutes < 0 || h.SignInMinutes > maxSignInMinutes {
		wrong.Add("sign_in_minutes", "policy.error.between", "Most", maxSignInMinutes)
	}
	if h.Notify != AtOnce && h.Notify != PerVisit && h.Notify != Digest {
		wrong.Add("notify", "error.choice")
	}
	var lines []string
	for line := range strings.FieldsSeq(h.Networks) {
		p, ok := prefix(line)
		if !ok {
			wrong.Add("networks", "organization.error.network", "Network", line)
			break
		}
		lines = append(lines, p.String())
	}
	if len(lines) > maxNetworks {
		wrong.Add("networks", "organization.error.networks", "Most", maxNetworks)
	}
	if len(wrong) == 0 {
		h.Networks = strings.Join(lines, "\n")
	}
	return wrong.Err()
}

// Hosting reads what the actor's organization asks of visitors.
func (m *Members) Hosting(ctx context.Context, by models.Actor) (h Hosting, err error) {
	err = m.store.Read(ctx, by, models.ManageOrganization, func(tx *store.Tx) error {
		var o Organization
		err := tx.Where("id = ?", tx.Actor.Effective.Organization).Take(&o).Error
		h = o.Hosting
		return err
	})
	return h, err
}

// SetHosting changes what the actor's organization asks of visitors.
func (m *Members) SetHosting(ctx context.Context, by models.Actor, in Hosting) error {
	if err := in.Check(); err != nil {
		return err
	}
	return m.store.Write(ctx, by, models.ManageOrganization, func(tx *store.Tx) error {
		return ConfigureHosting(tx, tx.Actor.Effective.Organization, in)
	})
}

// ConfigureHosting changes what an organization asks of visitors, checked, within a
// transaction confined to it or to its company.
func ConfigureHosting(tx *store.Tx, id string, in Hosting) error {
	var was Organization
	if err := tx.Where("id = ?", id).Take(&was).Error; err != nil {
		return err
	}
	changes := map[string]any{"host_approval": in.Approval, "host_longest_days": in.LongestDays, "host_ticket_required": in.TicketRequired,
		"host_second_factor": in.SecondFactor, "host_sign_in_minutes": in.SignInMinutes, "host_own_sign_on": in.OwnSignOn,
		"host_networks": in.Networks, "host_mail_needed": in.MailNeeded, "host_notify": in.Notify}
	data, err := tx.Changed(&was, changes)
	if err != nil {
		return err
	}
	tx.Record(event.OrganizationChanged, store.About{ID: was.ID, Name: was.Name, Organization: was.ID, Data: data})
	tx.Notify("organization:" + was.ID)
	return tx.Model(&Organization{}).Where("id = ?", was.ID).Updates(changes).Error
}
