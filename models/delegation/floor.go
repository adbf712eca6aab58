package delegation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/notice"
	"locum/models/store"
	"locum/models/tenancy"
)

// Why a choice of mails holds no more.
const (
	MuteOver    = "over"    // its days are
	MuteEndless = "endless" // the delegation has no end any more
	NobodyHears = "floor"   // nobody else would hear of the delegation
)

// guard follows what can leave a delegation without anyone who hears of it.
func guard(s *store.Store) {
	s.React(event.RoleRemoved, superuserLost)
	s.React(event.AddressBounced, superuserBounced)
	s.React(event.DelegationExtended, unmuteEndless)
	s.React(event.DelegationAmended, unmuteEndless)
	s.React(event.OrganizationChanged, tellLoosened)
}

// superuserLost follows when somebody is a superuser no longer: what he chose
// goes with the role, and the others hear of what only he did.
func superuserLost(tx *store.Tx, lost store.About) error {
	if lost.Data["role"] != tenancy.Superuser || lost.Organization == "" {
		return nil
	}
	superusers, err := tenancy.Superusers(tx, lost.Company, lost.Organization)
	if err != nil || slices.ContainsFunc(superusers, func(p account.Person) bool { return p.ID == lost.ID }) {
		return err // he is one by another grant
	}
	if err := tx.LockWatch(lost.Organization); err != nil {
		return err
	}
	err = tx.Where("company_id = ? AND organization_id = ? AND account_id = ?", lost.Company, lost.Organization, lost.ID).Delete(&notice.Watch{}).Error
	if err != nil {
		return err
	}
	names, err := restore(tx, lost.Company, lost.Organization)
	if err != nil || len(names) == 0 {
		return err
	}
	return tellUnwatched(tx, lost.Company, lost.Organization, mail.Unwatched{Person: lost.Name, Why: "lost", Names: names}, lost.ID)
}

// superuserBounced follows when mail does not reach somebody: wherever he is a
// superuser the others are told, and hear of what only he heard of.
func superuserBounced(tx *store.Tx, bounced store.About) error {
	var grants []tenancy.Grant
	err := tx.Scopes(tenancy.Live(tx.Now())).Where("account_id = ? AND role_id = ? AND organization_id <> ''", bounced.ID, tenancy.Superuser).
		Order("organization_id").Find(&grants).Error
	if err != nil {
		return err
	}
	grants = slices.CompactFunc(grants, func(a, b tenancy.Grant) bool { return a.OrganizationID == b.OrganizationID })
	email, _ := bounced.Data["email"].(string)
	for _, g := range grants {
		if err := tx.LockWatch(g.OrganizationID); err != nil {
			return err
		}
		names, err := restore(tx, g.CompanyID, g.OrganizationID)
		if err != nil {
			return err
		}
		content := mail.Unwatched{Person: bounced.Name, Email: email, Why: "bounced", Names: names}
		if err := tellUnwatched(tx, g.CompanyID, g.OrganizationID, content, bounced.ID); err != nil {
			return err
		}
	}
	return nil
}

// restore puts back to at once what every superuser chose for those delegations
// of which nobody would hear, and gives the names of their consultants. The
// caller holds the lock. It runs in a System transaction.
func restore(tx *store.Tx, company, organization string) (names []string, err error) {
	doubtful, hosts, err := unheard(tx, company, organization)
	if err != nil {
		return nil, err
	}
	for _, d := range doubtful {
		list, _ := hosts.Of(d.ID, d.EndsAt == nil, tx.Now())
		changed := false
		for _, w := range list {
			if w.Watch.Mode == tenancy.AtOnce && w.Own {
				continue // mail does not reach him
			}
			changed = true
			if err := put(tx, atOnce(d, w.Person.ID, tx), false); err != nil {
				return nil, err
			}
		}
		if changed {
			names = append(names, d.Person())
			by := models.System()
			a := about(d, map[string]any{"why": NobodyHears})
			a.As = &by
			tx.Record(event.DelegationWatchReset, a)
		}
	}
	return names, nil
}

// unheard are the open delegations of an organization of which nobody would hear,
// though it has superusers. It changes nothing.
func unheard(tx *store.Tx, company, organization string) (list []Delegation, hosts notice.Hosts, err error) {
	open, err := openHere(tx, company, organization)
	if err != nil || len(open) == 0 {
		return nil, hosts, err
	}
	if hosts, err = notice.Organization(tx, company, organization); err != nil || len(hosts.Superusers) == 0 {
		return nil, hosts, err
	}
	for _, d := range open {
		if _, guarded := hosts.Of(d.ID, d.EndsAt == nil, tx.Now()); !guarded {
			list = append(list, d)
		}
	}
	return list, hosts, nil
}

func atOnce(d Delegation, person string, tx *store.Tx) notice.Watch {
	return notice.Watch{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, AccountID: person, DelegationID: d.ID,
		Mode: tenancy.AtOnce, ChangedAt: models.At(tx.Now())}
}

// tellUnwatched tells the superusers of an organization, but the one that it is
// about, that he is not reached any more.
func tellUnwatched(tx *store.Tx, company, organization string, content mail.Unwatched, about string) error {
	host, err := tenancy.PartyOf(tx, company, organization)
	if err != nil {
		return err
	}
	superusers, err := tenancy.Superusers(tx, company, organization)
	if err != nil {
		return err
	}
	content.Host, content.At = mail.PlaceOf(host), models.At(tx.Now())
	for _, p := range superusers {
		if p.ID == about {
			continue
		}
		news := notice.News{Company: company, Organization: organization, Content: content,
			Key: fmt.Sprintf("watch.%s.%s.%s.%d", content.Why, organization, about, content.At.UnixMicro())}
		if err := notice.Give(tx, news, p); err != nil {
			return err
		}
	}
	return nil
}

// unmuteEndless follows when a delegation loses its end: mutes of it become the
// digest.
func unmuteEndless(tx *store.Tx, changed store.About) error {
	var d Delegation
	if err := tx.Where("id = ?", changed.ID).Take(&d).Error; err != nil || d.EndsAt != nil {
		if store.Missing(err) {
			return nil
		}
		return err
	}
	if err := tx.LockWatch(d.OrganizationID); err != nil {
		return err
	}
	var muted []notice.Watch
	err := tx.Where("company_id = ? AND organization_id = ? AND delegation_id = ? AND mode = ?", d.CompanyID, d.OrganizationID, d.ID, tenancy.Muted).
		Order("account_id").Find(&muted).Error
	for _, w := range muted {
		if err == nil {
			err = unmute(tx, d, w, tenancy.Digest, MuteEndless)
		}
	}
	return err
}

// EndMutes writes down the mutes whose days are over, and tells who muted. He
// gets mails again from that moment, however late this runs.
func (d *Delegations) EndMutes(ctx context.Context) error {
	var due []notice.Watch
	err := d.store.SystemRead(ctx, "mutes that are over", func(tx *store.Tx) error {
		return tx.Where("mode = ? AND muted_until <= ?", tenancy.Muted, models.At(tx.Now())).Order("muted_until").Limit(sweepSize).Find(&due).Error
	})
	for _, w := range due {
		err = errors.Join(err, d.store.System(ctx, "end a mute", func(tx *store.Tx) error { return endMute(tx, w) }))
	}
	return err
}

func endMute(tx *store.Tx, due notice.Watch) error {
	tx.NothingToRecord() // when somebody was here first, or the delegation is over
	if err := tx.LockWatch(due.OrganizationID); err != nil {
		return err
	}
	var w notice.Watch
	err := tx.Where("company_id = ? AND organization_id = ? AND account_id = ? AND delegation_id = ? AND mode = ? AND muted_until <= ?",
		due.CompanyID, due.OrganizationID, due.AccountID, due.DelegationID, tenancy.Muted, models.At(tx.Now())).Take(&w).Error
	if err != nil {
		if store.Missing(err) {
			return nil
		}
		return err
	}
	var d Delegation
	if err := tx.Where("company_id = ? AND id = ?", w.CompanyID, w.DelegationID).Take(&d).Error; err != nil {
		return err
	}
	if d.Over(tx.Now()) {
		return put(tx, w, true)
	}
	return unmute(tx, d, w, tenancy.AtOnce, MuteOver)
}

// unmute ends a mute without its owner, who is told by mail. In the inbox of the
// others it stands as well.
func unmute(tx *store.Tx, d Delegation, w notice.Watch, to tenancy.Notify, why string) error {
	w.Mode, w.MutedUntil, w.ChangedAt = to, nil, models.At(tx.Now())
	if err := put(tx, w, false); err != nil {
		return err
	}
	people, err := account.LoadAll(tx, []string{w.AccountID})
	if err != nil {
		return err
	}
	owner := people[w.AccountID]
	by := models.System()
	a := about(d, map[string]any{"why": why, "mode": to, "superuser": owner.Name})
	a.As = &by
	tx.Record(event.DelegationWatchReset, a)
	f, err := facts(tx, d)
	if err != nil {
		return err
	}
	news := notice.News{Company: d.CompanyID, Organization: d.OrganizationID, Delegation: d.ID,
		Key:     fmt.Sprintf("watch.unmuted.%s.%s.%d", d.ID, w.AccountID, w.ChangedAt.UnixMicro()),
		Content: mail.MuteEnded{Delegated: f, Mode: string(to), Why: why, At: w.ChangedAt}}
	superusers, err := tenancy.Superusers(tx, d.CompanyID, d.OrganizationID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(superusers, func(p account.Person) bool { return p.ID == owner.ID }) {
		if err := notice.Give(tx, news, owner); err != nil {
			return err
		}
	}
	others := news
	others.Content, others.Quiet = mail.WatchChanged{Delegated: f, Superuser: owner.Name, At: w.ChangedAt}, true
	_, err = notice.Tell(tx, others)
	return err
}

// GuardWatches looks for delegations of which nobody hears, by whatever came
// about without an event of its own, such as a superuser who waits for a seat.
// Meanwhile their mails go to everybody.
func (d *Delegations) GuardWatches(ctx context.Context) error {
	var doubtful []notice.Watch
	err := d.store.SystemRead(ctx, "organizations in which mails are muted", func(tx *store.Tx) error {
		var quiet []notice.Watch
		err := tx.Model(&notice.Watch{}).Distinct("company_id", "organization_id").
			Where("mode IN ?", []tenancy.Notify{tenancy.Muted, tenancy.PerVisit}).Order("organization_id").Find(&quiet).Error
		if err != nil {
			return err
		}
		for _, at := range quiet {
			list, _, err := unheard(tx, at.CompanyID, at.OrganizationID)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				doubtful = append(doubtful, at)
			}
		}
		return nil
	})
	for _, at := range doubtful {
		err = errors.Join(err, d.store.System(ctx, "see that somebody hears of delegations", func(tx *store.Tx) error {
			tx.NothingToRecord() // when somebody does
			if err := tx.LockWatch(at.OrganizationID); err != nil {
				return err
			}
			names, err := restore(tx, at.CompanyID, at.OrganizationID)
			if err != nil || len(names) == 0 {
				return err
			}
			return tellUnwatched(tx, at.CompanyID, at.OrganizationID, mail.Unwatched{Why: "nobody", Names: names}, "")
		}))
	}
	return err
}
