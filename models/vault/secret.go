package vault

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/delegation"
	"locum/models/store"
	"locum/models/tenancy"
)

// Kind is what sort of value a secret holds.
type Kind string

// The kinds.
const (
	Text  Kind = "text"
	Token Kind = "token"    // on one line, and with an expiry
	Pair  Kind = "key_pair" // a private key, whose public half is no secret
)

// Kinds lists them in the order of the form.
var Kinds = []Kind{Text, Token, Pair}

// Secret is one secret of an organization, without its values.
type Secret struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	OrganizationID string
	Name           string
	NameKey        string // in lower case: two with the same one cannot be
	Note           string
	Kind           Kind
	Version        int             // number of the current one
	ExpiresAt      *models.Instant // of the current version
	WarnedExpiry   *models.Instant // the expiry of which superusers were told last
	WarnedDays     int             // and how many days before
	MadeByName     string
	CreatedAt      models.Instant
	ChangedAt      models.Instant
}

// TableName is the table of secrets.
func (Secret) TableName() string { return "secrets" }

// Expired says that the current version is of no use any more.
func (s Secret) Expired(now time.Time) bool {
	return s.ExpiresAt != nil && !now.Before(s.ExpiresAt.Time)
}

// Expiring says that it expires within the time for which superusers are warned.
func (s Secret) Expiring(now time.Time) bool {
	return s.ExpiresAt != nil && !s.Expired(now) && s.ExpiresAt.Sub(now) <= warnings[0]
}

// Version is one value of a secret, sealed.
type Version struct {
	CompanyID      string `gorm:"primaryKey"`
	SecretID       string `gorm:"primaryKey"`
	Number         int    `gorm:"primaryKey;autoIncrement:false"`
	OrganizationID string
	DataKeyID      *string // nil once it was removed
	Sealed         string
	Algorithm      string // of a key pair
	PublicKey      string // of a key pair: PEM, SubjectPublicKeyInfo
	ExpiresAt      *models.Instant
	RestoredFrom   int // number of the one whose value it has; 0 for a new one
	MadeByName     string
	MadeAt         models.Instant
	RemovedAt      *models.Instant
	RemovedByName  string
}

// TableName is the table of versions.
func (Version) TableName() string { return "secret_versions" }

// purpose binds a sealed value to its row: organization, secret and version.
func (r Version) purpose() []byte {
	return []byte("secret\x00" + r.CompanyID + "\x00" + r.OrganizationID + "\x00" + r.SecretID + "\x00" + strconv.Itoa(r.Number))
}

// Draft is what a secret, or a new version of one, is made of.
type Draft struct {
	Name, Note string
	Kind       Kind
	Value      string // of a key pair: the private key in PEM, or empty to make one
	Algorithm  string // of a key pair to be made: one of Algorithms
	Date       string // the last day on which it can be used, as delegation.ParseDate reads it; empty for no end
}

// The most that may be typed, in characters; of a value in bytes.
const (
	MostName  = 80
	MostNote  = 500
	MostValue = 20_000
)

// mostSecrets is how many secrets an organization can have, mostVersions how many
// versions of one are kept.
const (
	mostSecrets  = 500
	mostVersions = 100
)

// checkName refuses a name or note that cannot be.
func (in *Draft) checkName(wrong models.FieldErrors) {
	in.Name, in.Note = strings.TrimSpace(in.Name), strings.TrimSpace(in.Note)
	switch {
	case in.Name == "":
		wrong.Add("name", "error.required")
	case utf8.RuneCountInString(in.Name) > MostName, strings.ContainsFunc(in.Name, unprintable):
		wrong.Add("name", "vault.error.name", "Most", MostName)
	}
	if utf8.RuneCountInString(in.Note) > MostNote || !utf8.ValidString(in.Note) || strings.Contains(in.Note, "\x00") {
		wrong.Add("note", "vault.error.note", "Most", MostNote)
	}
}

func unprintable(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }

// held is a value that was checked, with what of it is no secret.
type held struct{ value, algorithm, public string }

// checkValue refuses a value that is not of its kind, and makes a key pair where
// none was given.
func (in Draft) checkValue(wrong models.FieldErrors) (h held, err error) {
	switch {
	case len(in.Value) > MostValue:
		wrong.Add("value", "vault.error.value", "Most", MostValue)
		return h, nil
	case !utf8.ValidString(in.Value), strings.Contains(in.Value, "\x00"):
		wrong.Add("value", "vault.error.text")
		return h, nil
	}
	switch in.Kind {
	case Text:
		h.value = strings.ReplaceAll(in.Value, "\r\n", "\n") // browsers send lines like that
		if strings.TrimSpace(h.value) == "" {
			wrong.Add("value", "error.required")
		}
	case Token:
		h.value = strings.TrimSpace(in.Value)
		if h.value == "" {
			wrong.Add("value", "error.required")
		} else if strings.ContainsFunc(h.value, unprintable) {
			wrong.Add("value", "vault.error.token")
		}
	case Pair:
		switch {
		case strings.TrimSpace(in.Value) != "":
		case in.Algorithm == "":
			wrong.Add("value", "error.required")
			return h, nil
		default:
			return generate(in.Algorithm, wrong)
		}
		return parse(in.Value, wrong), nil
	default:
		wrong.Add("kind", "error.choice")
	}
	return h, nil
}

// expiry reads the date up to which a value can be used: through that day in the
// organization's zone. It may be over only where it stood already. The transaction
// is confined to the organization.
func (in Draft) expiry(tx *store.Tx, stood *models.Instant, wrong models.FieldErrors) (*models.Instant, error) {
	date := strings.TrimSpace(in.Date)
	if date == "" {
		if in.Kind == Token {
			wrong.Add("date", "vault.error.date_required")
		}
		return nil, nil
	}
	var host tenancy.Organization
	if err := tx.Where("id = ?", tx.Actor.Effective.Organization).Take(&host).Error; err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(host.TimeZone)
	if err != nil {
		return nil, err
	}
	ends, ok := delegation.UntilDate.End(tx.Now(), zone, date)
	switch {
	case !ok:
		wrong.Add("date", "vault.error.date")
	case !tx.Now().Before(ends.Time) && (stood == nil || !stood.Equal(ends.Time)):
		wrong.Add("date", "vault.error.date_past")
	}
	return ends, nil
}

// LastDay is the last day on which it can be used, in the organization's zone, as
// forms hold it; empty for no end.
func (s Secret) LastDay(zone *time.Location) string {
	if s.ExpiresAt == nil {
		return ""
	}
	return s.ExpiresAt.Add(-time.Second).In(zone).Format(time.DateOnly)
}
