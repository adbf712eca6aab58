package delegation

import (
	"context"
	"maps"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// Confirm says that a delegation goes on, by a decision of the host: it lifts a
// suspension, or answers the question whether it goes on. The next review counts
// from now. What was suspended for another address or another home of its
// consultant holds for those from then on.
func (d *Delegations) Confirm(ctx context.Context, by models.Actor, id string, version int64) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		was, err := lock(tx, id)
		if err != nil {
			return err
		}
		if err := changeable(was, tx, version); err != nil {
			return err
		}
		if was.SuspendedAt == nil && was.Question == "" {
			return models.Fail(models.Conflict, "delegation.error.not_suspended")
		}
		// A member needs no delegation, and one must not wait for the end of his
		// membership.
		if member, err := isMember(tx, was.AccountID, was); err != nil || member {
			if err == nil {
				err = models.Fail(models.Conflict, "delegation.error.member_still", "Name", was.Person())
			}
			return err
		}
		changes := map[string]any{}
		if was.SuspendedAt != nil {
			if changes, err = asHeIs(tx, was); err != nil {
				return err
			}
		}
		return confirmed(tx, was, changes)
	})
}

// confirmed writes down that a delegation goes on, with changes, and tells both
// sides where that lifts a suspension.
func confirmed(tx *store.Tx, was Delegation, changes map[string]any) error {
	maps.Copy(changes, decided(tx.Now()))
	changes["suspended_at"], changes["suspend_reason"] = nil, ""
	tx.Record(event.DelegationConfirmed, about(was, nil))
	now := was
	if err := save(tx, &now, changes); err != nil {
		return duplicateAddress(err)
	}
	if was.SuspendedAt == nil {
		return nil
	}
	return tx.Across("mails that a suspension was lifted", func(tx *store.Tx) error {
		f, err := facts(tx, now)
		if err != nil {
			return err
		}
		content := mail.Confirmed{Delegated: f, By: tx.Actor.Name}
		var forHim mail.Content
		if now.AccountID != "" {
			his := content
			his.ToConsultant = true
			forHim = his
		}
		return tell(tx, now, key("confirmed", now), content, forHim, tx.Actor.Account)
	})
}

// asHeIs are the changes that make a delegation one for its consultant as he is
// now: his address, and the organization to which he belongs.
func asHeIs(tx *store.Tx, d Delegation) (map[string]any, error) {
	changes := map[string]any{}
	if d.AccountID == "" {
		return changes, nil
	}
	return changes, tx.Across("a consultant's address and home", func(tx *store.Tx) error {
		person, err := account.Load(tx, d.AccountID)
		if err != nil {
			return err
		}
		if person.DeactivatedAt != nil {
			return models.Fail(models.Conflict, "delegation.error.account_closed", "Name", d.Person())
		}
		if d.FirmID != "" && (person.HomeCompanyID == nil || *person.HomeCompanyID != d.RealCompanyID) { // it would stay when he leaves the firm
			return models.Fail(models.Conflict, "firm.error.moved", "Name", d.Person())
		}
		here, err := owns(tx, d)
		if err != nil {
			return err
		}
		if !here && person.Proven {
			changes["email"], changes["normal"] = person.Email, person.Normal
		}
		if person.HomeOrganizationID == nil || *person.HomeOrganizationID == d.RealOrganizationID {
			return nil
		}
		home, err := tenancy.PartyOf(tx, *person.HomeCompanyID, *person.HomeOrganizationID)
		if err != nil {
			return err
		}
		changes["real_company_id"], changes["real_organization_id"], changes["real_organization_name"] = home.Company, home.Organization, home.Name
		return nil
	})
}

// duplicateAddress says what a second open delegation for an address means here.
func duplicateAddress(err error) error {
	if store.Duplicate(err) {
		return models.Fail(models.Conflict, "delegation.error.address_taken")
	}
	return err
}
