package account

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"locum/models"
	"locum/models/store"
)

// maxAddress is the longest address there can be: 64 octets, an @ and 255
// (RFC 5321, section 4.5.3.1).
const maxAddress = 320

// Email is an e-mail address as it was typed and as it is compared.
type Email struct {
	Typed  string // less surrounding and invisible characters
	Normal string // NFC, case folded, the domain in its ASCII form (IDNA)
	Mixed  bool   // letters of several scripts: it may imitate another address
}

// Domain is the part of the normal form behind the @.
func (e Email) Domain() string {
	_, domain, _ := strings.Cut(e.Normal, "@")
	return domain
}

// ParseEmail reads an address. The part before the @ keeps its dots and its
// +tag: whether those matter is for the mailbox's own host to say. The error
// is a models.FieldErrors key: use it at the field.
func ParseEmail(text string) (Email, bool) {
	text = strings.TrimSpace(strings.Map(visible, norm.NFC.String(text)))
	at := strings.LastIndexByte(text, '@')
	if at < 1 || at == len(text)-1 || len(text) > maxAddress {
		return Email{}, false
	}
	local, host := text[:at], text[at+1:]
	if len(local) > 64 || !localOK(local) {
		return Email{}, false
	}
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || !domainOK(domain) {
		return Email{}, false
	}
	fold := cases.Fold()
	return Email{
		Typed:  local + "@" + host,
		Normal: norm.NFC.String(fold.String(local)) + "@" + strings.ToLower(domain),
		Mixed:  mixed(local) || mixed(host),
	}, true
}

// visible drops what cannot be seen: zero-width characters, marks of
// direction, soft hyphens.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) {
		return -1
	}
	return r
}

// localOK refuses what needs quoting (RFC 5322, section 3.4.1), for nobody has
// such an address and it is dangerous in a header.
func localOK(local string) bool {
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return false
	}
	return !strings.ContainsFunc(local, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(`"(),:;<>@[\]`, r)
	})
}

func domainOK(domain string) bool {
	if len(domain) > 253 || !strings.Contains(domain, ".") {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
		}) {
			return false
		}
	}
	return true
}

// mixed says whether a text has letters of more than one script that look
// alike: Latin, Greek and Cyrillic.
func mixed(text string) bool {
	seen := map[string]bool{}
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Latin, r):
			seen["latin"] = true
		case unicode.Is(unicode.Greek, r):
			seen["greek"] = true
		case unicode.Is(unicode.Cyrillic, r):
			seen["cyrillic"] = true
		case unicode.Is(unicode.Cherokee, r), unicode.Is(unicode.Armenian, r):
			seen["other"] = true
		}
	}
	return len(seen) > 1
}

// Address is an address of an account. proven means that its owner has shown
// to read the mailbox, or that a verified domain's identity provider vouched.
type Address struct {
	ID        string `gorm:"primaryKey"`
	AccountID string
	Email     string
	Normal    string
	IsPrimary bool
	ProvenAt  *models.Instant
	// BouncedAt is since when mail servers refuse mail to it; nil while they do
	// not, as far as is known. BounceCode is what they answer: "550 5.1.1".
	BouncedAt  *models.Instant
	BounceCode string
	CreatedAt  models.Instant
}

// TableName is the table of addresses.
func (Address) TableName() string { return "addresses" }

// ProvenAddresses lists the normal forms of the addresses that an account has
// proven, in a System transaction.
func ProvenAddresses(tx *store.Tx, id string) (normals []string, err error) {
	err = tx.Model(&Address{}).Where("account_id = ? AND proven_at IS NOT NULL", id).Order("normal").Pluck("normal", &normals).Error
	return normals, err
}
