package directory

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"locum/models"
	"locum/models/account"
	"locum/models/mail"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// WarnDays are how many days before the end of a token a company's managers are
// told, each once.
var WarnDays = []int{14, 7, 1}

// Warn mails the managers of companies whose directories need them: removals are
// held, a token ends soon, or one is used that has ended. Each is told once. A
// sweep calls it again and again.
func (d *Directories) Warn(ctx context.Context) error {
	return d.store.System(ctx, "warn of directories", func(tx *store.Tx) error {
		tx.NothingToRecord() // mails are noted in the outbox
		var held []Directory
		if err := tx.Where("held_at IS NOT NULL AND removed_at IS NULL").Order("company_id, id").Find(&held).Error; err != nil {
			return err
		}
		for _, own := range held {
			if err := warnOfHold(tx, own); err != nil {
				return err
			}
		}
		var tokens []Token
		soon := models.At(tx.Now().AddDate(0, 0, WarnDays[0]))
		err := tx.Where("revoked_at IS NULL AND expires_at <= ? AND (expires_at > ? OR refused_at IS NOT NULL)", soon, models.At(tx.Now())).
			Order("company_id, id").Find(&tokens).Error
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if err := warnOfToken(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// tell mails every manager of a company that is open, once under a key.
func tell(tx *store.Tx, own Directory, key string, content func(mail.Directory) mail.Content) error {
	at, err := tenancy.StandingOf(tx, own.CompanyID, "")
	if err != nil || !at.Open {
		return err
	}
	managers, err := tenancy.Managers(tx, own.CompanyID)
	of := mail.Directory{ID: own.ID, Name: own.Name, Company: mail.Place{Name: at.CompanyName, Company: at.CompanyName}}
	for _, m := range managers {
		if err != nil {
			break
		}
		err = mail.Queue(tx, mail.Draft{Company: own.CompanyID, Key: key + ":" + m.ID, To: m.Recipient(), Content: content(of)})
	}
	return err
}

func warnOfHold(tx *store.Tx, own Directory) error {
	var lost, waiting int64
	mine := func() *gorm.DB {
		return tx.Model(&User{}).Where("company_id = ? AND directory_id = ?", own.CompanyID, own.ID)
	}
	err := mine().Where("lost_at > ? AND lost_at <= ?", models.At(own.HeldAt.Add(-time.Hour)), *own.HeldAt).Count(&lost).Error
	if err != nil {
		return err
	}
	if err := mine().Where("removal = ?", Staged).Count(&waiting).Error; err != nil {
		return err
	}
	return tell(tx, own, fmt.Sprintf("directory_held:%s:%d", own.ID, own.HeldAt.UnixMicro()), func(of mail.Directory) mail.Content {
		return mail.DirectoryHeld{Directory: of, Lost: int(lost), Waiting: int(waiting), At: *own.HeldAt}
	})
}

// warnOfToken tells of the end of a token, unless the client uses one already
// that lasts longer.
func warnOfToken(tx *store.Tx, t Token) error {
	stage := t.stage(tx.Now())
	if stage == "" {
		return nil
	}
	var next int64
	err := tx.Model(&Token{}).Where("company_id = ? AND directory_id = ? AND id <> ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
		t.CompanyID, t.DirectoryID, t.ID, *t.ExpiresAt).Where("last_used_at >= ?", t.lastTried()).Count(&next).Error
	if err != nil || next > 0 {
		return err
	}
	var own Directory
	if err := tx.Where("company_id = ? AND id = ?", t.CompanyID, t.DirectoryID).Take(&own).Error; err != nil {
		return err
	}
	return tell(tx, own, "directory_token:"+t.ID+":"+stage, func(of mail.Directory) mail.Content {
		return mail.DirectoryToken{Directory: of, Suffix: t.Suffix, Ends: *t.ExpiresAt, Ended: stage == ended}
	})
}

// ended is the stage of a token that is used after its end.
const ended = "ended"

// stage is which warning is due for a token: a number of days, ended, or none. A
// token that was made for less than so many days is not warned of then.
func (t Token) stage(now time.Time) (stage string) {
	switch {
	case t.ExpiresAt == nil || t.RevokedAt != nil:
		return ""
	case !now.Before(t.ExpiresAt.Time):
		if t.RefusedAt == nil {
			return ""
		}
		return ended
	}
	for _, days := range WarnDays {
		from := t.ExpiresAt.AddDate(0, 0, -days)
		if !now.Before(from) && t.CreatedAt.Before(from) {
			stage = fmt.Sprint(days)
		}
	}
	return stage
}

// lastTried is when the client last came with the token.
func (t Token) lastTried() models.Instant {
	last := t.CreatedAt
	for _, at := range []*models.Instant{t.LastUsedAt, t.RefusedAt} {
		if at != nil && at.After(last.Time) {
			last = *at
		}
	}
	return last
}

// refuse notes that a token was used after its end, once an hour.
func (d *Directories) refuse(ctx context.Context, t Token) error {
	if t.RefusedAt != nil && d.store.Now().Sub(t.RefusedAt.Time) < time.Hour {
		return nil
	}
	return d.store.System(ctx, "note that a directory's token is used after its end", func(tx *store.Tx) error {
		tx.NothingToRecord() // managers are told by mail: see Warn
		return tx.Model(&Token{}).Where("company_id = ? AND id = ?", t.CompanyID, t.ID).Update("refused_at", models.At(tx.Now())).Error
	})
}

// tellKept tells a company's managers that somebody whom its directory removed
// keeps roles that nobody else has.
func tellKept(tx *store.Tx, c Client, u User, person account.Person, kept []provisioning.Change) error {
	reg, err := tenancy.LoadRoles(tx)
	if err != nil {
		return err
	}
	for _, role := range kept {
		where := ""
		if organization := role.Target.Organization; organization != "" {
			at, err := tenancy.StandingOf(tx, u.CompanyID, organization)
			if err != nil {
				return err
			}
			where = at.Name
		}
		key := fmt.Sprintf("directory_kept:%s:%d:%s:%s", u.ID, u.Version, role.Role, role.Target.Organization)
		err := tell(tx, c.Directory, key, func(of mail.Directory) mail.Content {
			return mail.DirectoryKept{Directory: of, Person: person.Name, Role: reg.Roles[role.Role].Name, Where: where, At: models.At(tx.Now())}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// WarnOfSilence mails the managers of each company whose directory has sent
// nothing for as long as the company chose, though it used to: once, until it is
// heard again. A sweep calls it.
func (d *Directories) WarnOfSilence(ctx context.Context) error {
	return d.store.System(ctx, "warn of directories that are silent", func(tx *store.Tx) error {
		tx.NothingToRecord() // mails are noted in the outbox
		var list []Directory
		err := tx.Where("paused_at IS NULL AND removed_at IS NULL AND last_request_at < ?", models.At(tx.Now().Add(-time.Hour))).Order("company_id, id").Find(&list).Error
		if err != nil {
			return err
		}
		for _, own := range list {
			var company tenancy.Company
			if err := tx.Where("id = ?", own.CompanyID).Take(&company).Error; err != nil {
				return err
			}
			silent, err := own.silent(tx, company.SilentHours)
			if err != nil {
				return err
			}
			if !silent {
				continue
			}
			err = tell(tx, own, fmt.Sprintf("directory_silent:%s:%d", own.ID, own.LastRequestAt.Unix()), func(of mail.Directory) mail.Content {
				return mail.DirectorySilent{Directory: of, Last: *own.LastRequestAt, Hours: company.SilentHours}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// silent says that a directory has sent nothing for so many hours, although it
// used to: in the log, which goes back for at least as long before that, it was
// never silent as long. A provider that only sends what changes may be so for
// days. 0 hours is never.
func (own Directory) silent(tx *store.Tx, hours int) (bool, error) {
	limit := time.Duration(hours) * time.Hour
	if hours <= 0 || own.LastRequestAt == nil || tx.Now().Sub(own.LastRequestAt.Time) < limit {
		return false, nil
	}
	mine := func() *gorm.DB {
		return tx.Model(&Request{}).Where("company_id = ? AND directory_id = ?", own.CompanyID, own.ID)
	}
	var ends []models.Instant
	if err := mine().Order("at").Limit(1).Pluck("at", &ends).Error; err != nil || len(ends) == 0 {
		return false, err
	}
	at, last := ends[0], own.LastRequestAt.Time
	if last.Sub(at.Time) < limit {
		return false, nil
	}
	for last.Sub(at.Time) >= limit { // from each request to the latest one within the limit
		var next []models.Instant
		err := mine().Where("at > ? AND at < ?", at, models.At(at.Add(limit))).Order("at DESC").Limit(1).Pluck("at", &next).Error
		if err != nil || len(next) == 0 {
			return false, err
		}
		at = next[0]
	}
	return true, nil
}
