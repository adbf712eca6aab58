package tenancy

import (
	"context"
	"encoding/json"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
)

// invitationLife is how long an invitation to become a member stands.
const invitationLife = 14 * 24 * time.Hour

// Invitation asks somebody to become a member. It binds only to an account
// that has proven the address.
type Invitation struct {
	CompanyID      string `gorm:"primaryKey"`
	OrganizationID string
	ID             string `gorm:"primaryKey"`
	Email          string
	Normal         string
	RoleIDs        string `gorm:"column:role_ids"` // JSON list
	Language       string
	InvitedBy      string
	InvitedByName  string
	AccountID      string
	ExpiresAt      models.Instant
	AcceptedAt     *models.Instant
	WithdrawnAt    *models.Instant
	CreatedAt      models.Instant
}

// TableName is the table of invitations to members.
func (Invitation) TableName() string { return "member_invitations" }

// Roles are the ids of the roles that come with it.
func (i Invitation) Roles() (ids []string) {
	if json.Unmarshal([]byte(i.RoleIDs), &ids) != nil {
		return nil
	}
	return ids
}

// Invite asks somebody by e-mail to become a member with these roles. The
// answer is the same for known and unknown addresses.
func (m *Members) Invite(ctx context.Context, by models.Actor, email string, roles []string, language string) (inv Invitation, err error) {
	wrong := models.FieldErrors{}
	address := account.CheckEmail(email, "email", wrong)
	if err := wrong.Err(); err != nil {
		return inv, err
	}
	err = m.store.Write(ctx, by, models.ManageMembers, func(tx *store.Tx) error {
		inv, err = invite(tx, address, roles, language)
		return err
	})
	return inv, err
}

func invite(tx *store.Tx, address account.Email, ids []string, language string) (Invitation, error) {
	wrong := models.FieldErrors{}
	reg, err := LoadRegistry(tx)
	if err != nil {
		return Invitation{}, err
	}
	roles, err := checkRoles(tx, reg, ids)
	if err != nil {
		return Invitation{}, err
	}
	inOrganization, names := false, []string{}
	for _, r := range roles {
		inOrganization = inOrganization || r.Level == models.OrganizationLevel
		names = append(names, r.Name)
	}
	if !inOrganization {
		wrong.Add("role", "organization.error.role_needed")
	}
	if known, err := account.ByEmail(tx, address.Normal); err == nil {
		if _, err := member(tx, known.ID); err == nil {
			wrong.Add("email", "organization.error.is_member")
		}
		kept, err := KeptOutHere(tx, known.ID)
		if err != nil {
			return Invitation{}, err
		}
		if kept {
			wrong.Add("email", "organization.error.kept_out")
		}
	} else if models.KindOf(err) != models.NotFound {
		return Invitation{}, err
	}
	if err := wrong.Err(); err != nil {
		return Invitation{}, err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return Invitation{}, err
	}
	if err := closeLapsed(tx, address.Normal); err != nil {
		return Invitation{}, err
	}
	inv := Invitation{ID: models.NewID("inv"), Email: address.Typed, Normal: address.Normal, RoleIDs: string(list), Language: language,
		InvitedBy: tx.Actor.Account, InvitedByName: tx.Actor.Name, ExpiresAt: models.At(tx.Now().Add(invitationLife)), CreatedAt: models.At(tx.Now())}
	if err := tx.Create(&inv).Error; err != nil {
		if store.Duplicate(err) {
			wrong.Add("email", "organization.error.is_invited")
			return inv, wrong.Err()
		}
		return inv, err
	}
	tx.Record(event.MemberInvited, store.About{ID: inv.ID, Name: inv.Email, Data: map[string]any{"roles": ids}})
	return inv, mail.Queue(tx, mail.Draft{Company: inv.CompanyID, Organization: inv.OrganizationID, Key: "invitation." + inv.ID,
		To: mail.Recipient{Email: inv.Email, Language: language, TimeZone: tx.Actor.Effective.TimeZone},
		Content: mail.MemberInvitation{Invitation: inv.ID, Host: mail.PlaceOf(tx.Actor.Effective), InvitedBy: tx.Actor.Name,
			Roles: names, Expires: inv.ExpiresAt}})
}

// closeLapsed makes room for a new invitation where an old one lapsed.
func closeLapsed(tx *store.Tx, normal string) error {
	now := models.At(tx.Now())
	return tx.Model(&Invitation{}).Where("normal = ? AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at <= ?", normal, now).
		Update("withdrawn_at", now).Error
}

// Invited lists the invitations of the actor's organization that stand open.
func (m *Members) Invited(ctx context.Context, by models.Actor) (list []Invitation, err error) {
	err = m.store.Read(ctx, by, models.ManageMembers, func(tx *store.Tx) error {
		return tx.Where("accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > ?", models.At(tx.Now())).Order("created_at DESC").Find(&list).Error
	})
	return list, err
}

// Withdraw takes an open invitation back.
func (m *Members) Withdraw(ctx context.Context, by models.Actor, id string) error {
	return m.store.Write(ctx, by, models.ManageMembers, func(tx *store.Tx) error {
		var inv Invitation
		if err := tx.Where("id = ? AND accepted_at IS NULL AND withdrawn_at IS NULL", id).Take(&inv).Error; err != nil {
			return missing(err)
		}
		taken := tx.Model(&Invitation{}).Where("id = ? AND accepted_at IS NULL AND withdrawn_at IS NULL", id).Update("withdrawn_at", models.At(tx.Now()))
		if taken.Error != nil {
			return taken.Error
		}
		if taken.RowsAffected == 0 {
			return models.Unknown() // accepted between the two
		}
		tx.Record(event.InvitationWithdrawn, store.About{ID: inv.ID, Name: inv.Email})
		if err := mail.Withdraw(tx, inv.CompanyID, "invitation."+inv.ID); err != nil {
			return err
		}
		return nil
	})
}

// Offer is an invitation as the one who is invited sees it.
type Offer struct {
	Invitation
	Host  models.Party
	Roles []Role
}

// Offers lists the open invitations to addresses that the actor has proven.
func (m *Members) Offers(ctx context.Context, by models.Actor) (list []Offer, err error) {
	err = m.store.SystemRead(ctx, "invitations to a person's proven addresses", func(tx *store.Tx) error {
		normals, err := account.ProvenAddresses(tx, by.Account)
		if err != nil || len(normals) == 0 {
			return err
		}
		var open []Invitation
		if err := tx.Where("normal IN ? AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > ?", normals, models.At(tx.Now())).
			Order("created_at").Find(&open).Error; err != nil {
			return err
		}
		reg, err := LoadRegistry(tx)
		if err != nil {
			return err
		}
		for _, inv := range open {
			o := Offer{Invitation: inv}
			if o.Host, err = PartyOf(tx, inv.CompanyID, inv.OrganizationID); err != nil {
				return err
			}
			for _, id := range inv.Roles() {
				o.Roles = append(o.Roles, reg.Roles[id])
			}
			list = append(list, o)
		}
		return nil
	})
	return list, err
}

// Accept makes the actor a member as the invitation says. Only an account
// that has proven the invited address can; to anyone else it does not exist.
func (m *Members) Accept(ctx context.Context, by models.Actor, id string) (host models.Party, err error) {
	err = m.store.SystemFor(ctx, by, "accept an invitation to become a member", func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		normals, err := account.ProvenAddresses(tx, by.Account)
		if err != nil {
			return err
		}
		var inv Invitation
		if err := tx.Where("id = ? AND normal IN ? AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > ?", id, append(normals, ""), models.At(tx.Now())).
			Take(&inv).Error; err != nil {
			return missing(err)
		}
		if err := Lock(tx, inv.OrganizationID); err != nil {
			return err
		}
		kept, err := Blocked(tx, inv.CompanyID, by.Account)
		if err != nil {
			return err
		}
		if kept { // since he was invited
			return models.Unknown()
		}
		taken := tx.Model(&Invitation{}).Where("company_id = ? AND id = ? AND accepted_at IS NULL AND withdrawn_at IS NULL", inv.CompanyID, inv.ID).
			Updates(map[string]any{"accepted_at": models.At(tx.Now()), "account_id": by.Account})
		if taken.Error != nil {
			return taken.Error
		}
		if taken.RowsAffected == 0 {
			return models.Unknown()
		}
		reg, err := LoadRegistry(tx)
		if err != nil {
			return err
		}
		for _, role := range inv.Roles() {
			g := Grant{CompanyID: inv.CompanyID, OrganizationID: inv.OrganizationID, ApplicationID: reg.Roles[role].ApplicationID, AccountID: by.Account,
				RoleID: role, Source: Manual, GrantedBy: inv.InvitedBy}
			if err := give(tx, &g, by.Name); err != nil {
				return err
			}
		}
		tx.Record(event.MemberJoined, store.About{ID: by.Account, Name: by.Name, Company: inv.CompanyID, Organization: inv.OrganizationID})
		if err := SetHome(tx, by.Account, inv.CompanyID, inv.OrganizationID); err != nil {
			return err
		}
		host, err = PartyOf(tx, inv.CompanyID, inv.OrganizationID)
		return err
	})
	return host, err
}

// missing turns a row that was not found into the answer to an unknown id.
func missing(err error) error {
	if store.Missing(err) {
		return models.Unknown()
	}
	return err
}
