package account

import (
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"locum/models"
	"locum/models/secret"
	"locum/models/store"
)

// The limits of a sign-in code.
const (
	CodeLife  = 10 * time.Minute
	CodeTries = 5
	codeSize  = 8 // characters, of 5 bits each
)

// codeAlphabet is Crockford's base 32: no letter in it looks like a digit.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// CodeRequest is one request to sign in, or up, or to open a set-up link, by a
// code in a mail. It is
// bound to the browser that asked. The code itself is derived, not stored.
type CodeRequest struct {
	ID              string `gorm:"primaryKey"`
	BrowserHash     string
	Email           string
	Normal          string
	AccountID       string // who signed in with it
	Name            string
	Organization    string
	Language        string
	TimeZone        string
	ReturnTo        string
	MandateID       string // of the set-up link that the code opens; empty to sign in
	RenewsSessionID string // of the session whose sign-in the code renews; empty: it opens one
	BreakGlass      bool   // asked for where single sign-on is required
	CompanyID       string // of a break-glass code that was sent; empty: none was
	Tries           int
	ExpiresAt       models.Instant
	ProvenAt        *models.Instant // the right code was given
	UsedAt          *models.Instant // a session was made of it
	CreatedAt       models.Instant
}

// TableName is the table of code requests.
func (CodeRequest) TableName() string { return "sign_in_codes" }

// Code is the code of a request: the same each time it is asked for, so that a
// mail that is sent twice says the same.
func Code(keys *secret.Keys, request string) (string, error) {
	raw, err := keys.Derive("sign-in code "+request, 5)
	if err != nil {
		return "", fmt.Errorf("account: code: %w", err)
	}
	n := uint64(raw[0])<<32 | uint64(raw[1])<<24 | uint64(raw[2])<<16 | uint64(raw[3])<<8 | uint64(raw[4])
	code := make([]byte, codeSize)
	for i := range code {
		code[codeSize-1-i] = codeAlphabet[n&31]
		n >>= 5
	}
	return string(code), nil
}

// tidy reads a code as people type it: any case, with spaces or dashes, and
// with the letters that stand for digits.
func tidy(typed string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		if strings.ContainsRune(codeAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}

// Try checks a code against its request, in a System transaction that has to
// be committed also when the code was wrong: tries are counted. The message
// says what is wrong; nil means that the mailbox is proven.
func (r *CodeRequest) Try(tx *store.Tx, keys *secret.Keys, browserHash, typed string) (*models.Message, error) {
	wrong := func(key string, args ...any) *models.Message { m := models.Text(key, args...); return &m }
	switch {
	case r.UsedAt != nil:
		return wrong("account.error.code_used"), nil
	case subtle.ConstantTimeCompare([]byte(r.BrowserHash), []byte(browserHash)) != 1:
		return wrong("account.error.code_other_browser"), nil
	case !tx.Now().Before(r.ExpiresAt.Time):
		return wrong("account.error.code_expired"), nil
	case r.Tries >= CodeTries:
		return wrong("account.error.code_tries"), nil
	}
	code, err := Code(keys, r.ID)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(tidy(typed))) != 1 {
		r.Tries++
		if err := tx.Model(&CodeRequest{}).Where("id = ?", r.ID).Update("tries", r.Tries).Error; err != nil {
			return nil, err
		}
		if r.Tries >= CodeTries {
			return wrong("account.error.code_tries"), nil
		}
		return wrong("account.error.code_wrong", "Left", CodeTries-r.Tries), nil
	}
	now := models.At(tx.Now())
	r.ProvenAt = &now
	return nil, tx.Model(&CodeRequest{}).Where("id = ?", r.ID).Update("proven_at", now).Error
}
