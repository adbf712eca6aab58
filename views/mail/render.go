// Package mail writes the mails that Locum owes people: the subject, the HTML
// and its plain-text twin, in the recipient's language and time zone.
//
// Each mail about a delegation answers "is this normal?": who, of which firm,
// allowed by whom and why, until when. The package must never name a host
// other than the one a mail is about, put a link into a mail that acts when it
// is opened, or load anything from elsewhere: scanners open mails before
// people do.
package mail

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"

	"locum/models/mail"
	"locum/views/i18n"
)

// Message is a mail as it is sent.
type Message struct {
	Subject string // one line
	HTML    string
	Text    string     // says the same as HTML and carries the same links
	Place   mail.Place // whose business it is; zero for a sign-in code
}

// SignInCode is a mail.Code together with the code itself, which is derived at
// the moment of sending and stored nowhere.
type SignInCode struct {
	mail.Code
	Value string // 8 characters, without the dash
}

// SetUpAddress is a mail.SetUpLink together with its token, which is derived at
// the moment of sending and stored nowhere.
type SetUpAddress struct {
	mail.SetUpLink
	Token string
}

// errCodeMissing says that a code mail came without its code.
var errCodeMissing = errors.New("views/mail: a code is rendered as a SignInCode")

// errTokenMissing says that a mail with a set-up link came without its token.
var errTokenMissing = errors.New("views/mail: a set-up link is rendered as a SetUpAddress")

// Render writes a mail. A mail.Code has to come as a SignInCode, a
// mail.SetUpLink as a SetUpAddress.
func Render(locale i18n.Locale, content mail.Content, links Links) (Message, error) {
	l, err := writer{locale, links}.write(content)
	if err != nil {
		return Message{}, err
	}
	var html bytes.Buffer
	if err := layout(l).Render(i18n.With(context.Background(), locale), &html); err != nil {
		return Message{}, fmt.Errorf("views/mail: %s: %w", content.Kind(), err)
	}
	return Message{Subject: l.subject, HTML: html.String(), Text: l.text(), Place: l.place}, nil
}

// Locale is how the recipient of a mail reads. An address without an account
// has no zone of its own: its times are those of the organization.
func Locale(m mail.Mail, content mail.Content) i18n.Locale {
	return i18n.For(m.Language, cmp.Or(m.TimeZone, placeOf(content).TimeZone))
}

func placeOf(content mail.Content) mail.Place {
	switch c := content.(type) {
	case mail.Invitation:
		return c.Host
	case mail.MemberInvitation:
		return c.Host
	case mail.Granted:
		return c.Host
	case mail.Answered:
		return c.Host
	case mail.Entered:
		return c.Host
	case mail.Left:
		return c.Host
	case mail.Extended:
		return c.Host
	case mail.Revoked:
		return c.Host
	case mail.Expired:
		return c.Host
	case mail.Suspended:
		return c.Host
	case mail.ApprovalAsked:
		return c.Host
	case mail.ApprovalAnswered:
		return c.Host
	case mail.Amended:
		return c.Host
	case mail.Expiring:
		return c.Host
	case mail.Question:
		return c.Host
	case mail.Confirmed:
		return c.Host
	case mail.MoreAsked:
		return c.Host
	case mail.MoreRefused:
		return c.Host
	case mail.AccessRequested:
		return c.Host
	case mail.AccessRequestRefused:
		return c.Host
	case mail.FirmGiven:
		return c.Host
	case mail.FirmGranted:
		return c.Host
	case mail.FirmProposed:
		return c.Host
	case mail.FirmOver:
		return c.Host
	case mail.FirmPerson:
		return c.Host
	case mail.Loosened:
		return c.Host
	case mail.FirmExpiring:
		return c.Host
	case mail.FirmExpired:
		return c.Host
	case mail.FirmQuestion:
		return c.Host
	case mail.FirmHeld:
		return c.Host
	case mail.FirmResumed:
		return c.Host
	case mail.FirmAnswered:
		return c.Host
	case mail.Certificate:
		return c.Company
	case mail.BreakGlassEntered:
		return c.Company
	case mail.BreakGlassNamed:
		return c.Company
	case mail.Seat:
		return c.Company
	case mail.Held:
		return c.Place
	case mail.RunHeld:
		return c.Company
	case SetUpAddress:
		return c.Company
	case mail.SetUpOpened:
		return c.Company
	case mail.SetUpBegan:
		return c.Company
	case mail.Silence:
		return c.Company
	case mail.DirectoryHeld:
		return c.Company
	case mail.DirectoryKept:
		return c.Company
	case mail.DirectoryToken:
		return c.Company
	case mail.DirectorySilent:
		return c.Company
	case mail.WebhookOff:
		return c.Place
	case mail.Digest:
		return c.Host
	case mail.WatchChanged:
		return c.Host
	case mail.MuteEnded:
		return c.Host
	case mail.Unwatched:
		return c.Host
	case mail.SecretGiven:
		return c.Host
	case mail.SecretExpiring:
		return c.Host
	case mail.TokenMade:
		return c.Host
	}
	return mail.Place{}
}

// write chooses the words for one kind of mail.
func (w writer) write(content mail.Content) (letter, error) {
	switch c := content.(type) {
	case SignInCode:
		return w.code(c), nil
	case mail.Code:
		return letter{}, errCodeMissing
	case mail.Invitation:
		return w.invitation(c), nil
	case mail.MemberInvitation:
		return w.memberInvitation(c), nil
	case mail.Granted:
		return w.granted(c), nil
	case mail.Answered:
		return w.answered(c), nil
	case mail.Entered:
		return w.entered(c), nil
	case mail.Left:
		return w.left(c), nil
	case mail.Extended:
		return w.extended(c), nil
	case mail.Revoked:
		return w.revoked(c), nil
	case mail.Expired:
		return w.expired(c), nil
	case mail.Suspended:
		return w.suspended(c), nil
	case mail.ApprovalAsked:
		return w.approvalAsked(c), nil
	case mail.ApprovalAnswered:
		return w.approvalAnswered(c), nil
	case mail.Amended:
		return w.amended(c), nil
	case mail.Expiring:
		return w.expiring(c), nil
	case mail.Question:
		return w.question(c), nil
	case mail.Confirmed:
		return w.confirmed(c), nil
	case mail.MoreAsked:
		return w.moreAsked(c), nil
	case mail.MoreRefused:
		return w.moreRefused(c), nil
	case mail.AccessRequested:
		return w.accessRequested(c), nil
	case mail.AccessRequestRefused:
		return w.accessRequestRefused(c), nil
	case mail.FirmGiven:
		return w.firmGiven(c), nil
	case mail.FirmGranted:
		return w.firmGranted(c), nil
	case mail.FirmProposed:
		return w.firmProposed(c), nil
	case mail.FirmOver:
		return w.firmOver(c), nil
	case mail.FirmPerson:
		return w.firmPerson(c), nil
	case mail.Loosened:
		return w.loosened(c), nil
	case mail.FirmExpiring:
		return w.firmExpiring(c), nil
	case mail.FirmExpired:
		return w.firmExpired(c), nil
	case mail.FirmQuestion:
		return w.firmQuestion(c), nil
	case mail.FirmHeld:
		return w.firmHeld(c), nil
	case mail.FirmResumed:
		return w.firmResumed(c), nil
	case mail.FirmAnswered:
		return w.firmAnswered(c), nil
	case mail.Certificate:
		return w.certificate(c), nil
	case mail.BreakGlassEntered:
		return w.breakGlassEntered(c), nil
	case mail.BreakGlassNamed:
		return w.breakGlassNamed(c), nil
	case mail.NoBreakGlass:
		return w.noBreakGlass(c), nil
	case mail.Seat:
		return w.seat(c), nil
	case mail.Passkey:
		return w.passkey(c), nil
	case mail.PasskeysReset:
		return w.passkeysReset(c), nil
	case mail.Held:
		return w.held(c), nil
	case mail.RunHeld:
		return w.runHeld(c), nil
	case SetUpAddress:
		return w.setUpLink(c), nil
	case mail.SetUpLink:
		return letter{}, errTokenMissing
	case mail.SetUpOpened:
		return w.setUpOpened(c), nil
	case mail.SetUpBegan:
		return w.setUpBegan(c), nil
	case mail.Silence:
		return w.silence(c), nil
	case mail.DirectoryHeld:
		return w.directoryHeld(c), nil
	case mail.DirectoryKept:
		return w.directoryKept(c), nil
	case mail.DirectoryToken:
		return w.directoryToken(c), nil
	case mail.DirectorySilent:
		return w.directorySilent(c), nil
	case mail.WebhookOff:
		return w.webhookOff(c), nil
	case mail.Digest:
		return w.digest(c), nil
	case mail.WatchChanged:
		return w.watchChanged(c), nil
	case mail.MuteEnded:
		return w.muteEnded(c), nil
	case mail.Unwatched:
		return w.unwatched(c), nil
	case mail.Test:
		return w.test(c), nil
	case mail.SecretGiven:
		return w.secretGiven(c), nil
	case mail.SecretExpiring:
		return w.secretExpiring(c), nil
	case mail.TokenMade:
		return w.tokenMade(c), nil
	}
	return letter{}, fmt.Errorf("views/mail: no words for %T", content)
}
