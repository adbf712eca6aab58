package saml

import (
	"bytes"
	"errors"
	"net/url"

	"github.com/beevik/etree"

	"locum/handlers/web"
	"locum/models"
	"locum/models/federation"
)

// Inspection is what a response says that somebody wants explained. It is no
// sign-in: what no key vouches for is read all the same, and told to be so.
type Inspection struct {
	Assertion Assertion
	// Signature is why no trusted key vouches for the assertion; nil when one does.
	Signature *Error
	// Refused is the first other reason for which a sign-in with the response would
	// be refused; nil without one. To which request it answers is not looked at,
	// nor whether it was used before.
	Refused *Error
}

// Inspect reads a response as it was copied from somewhere: the XML, the base64
// of the form post, or the form's field. What cannot be read is an *Error.
func Inspect(pasted []byte, want Expectation) (Inspection, error) {
	var in Inspection
	want.Limits = want.Limits.orDefault()
	if want.Skew <= 0 {
		want.Skew = DefaultSkew
	}
	response, err := opened(pasted, want.Limits)
	if err != nil {
		return in, err
	}
	vouched := false
	if signatureOf(response) != nil {
		if covered, err := signed(response, want.Certificates, want.Now); err == nil {
			response, vouched = covered, true
		} else if !errors.As(err, &in.Signature) {
			return in, err
		}
	}
	want.RequestID, want.AllowUnsolicited = attr(response, "InResponseTo"), true
	if err := checkStatus(response); err != nil {
		return in, err
	}
	if err := in.heed(want.checkResponse(response, vouched)); err != nil {
		return in, err
	}
	assertion, err := want.pasted(response, vouched)
	if err != nil {
		return in, err
	}
	if !vouched {
		covered, err := signed(detach(assertion), want.Certificates, want.Now)
		switch {
		case err == nil && in.Signature == nil:
			assertion = covered
		case in.Signature == nil && !errors.As(err, &in.Signature):
			return in, err
		}
	}
	if err := in.heed(want.checkAssertion(assertion)); err != nil {
		return in, err
	}
	in.Assertion, err = want.readAssertion(assertion)
	return in, err
}

// heed keeps the first reason to refuse.
func (in *Inspection) heed(err error) error {
	var refused *Error
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	if in.Refused == nil {
		in.Refused = refused
	}
	return nil
}

// opened is open for a response in any of the forms in which people copy it.
func opened(pasted []byte, limits Limits) (*etree.Element, error) {
	pasted = bytes.TrimSpace(pasted)
	if field, ok := bytes.CutPrefix(pasted, []byte(fieldResponse+"=")); ok {
		field, _, _ = bytes.Cut(field, []byte("&"))
		plain, err := url.PathUnescape(string(field))
		if err != nil {
			return nil, refuse(Malformed, "escapes: %v", err)
		}
		pasted = []byte(plain)
	}
	if !bytes.HasPrefix(pasted, []byte("<")) {
		return open(pasted, limits)
	}
	response, err := parse(pasted, limits)
	if err != nil {
		return nil, err
	}
	if !is(response, nsProtocol, "Response") {
		return nil, refuse(Malformed, "a %s instead of a Response", response.Tag)
	}
	return response, checkShape(response)
}

// pasted is the one assertion, decrypted where that is needed and possible.
func (want Expectation) pasted(response *etree.Element, vouched bool) (*etree.Element, error) {
	sealed, err := atMostOne(response, nsAssertion, "EncryptedAssertion")
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		assertion, err := atMostOne(response, nsAssertion, "Assertion")
		if err == nil && assertion == nil {
			err = refuse(NoAssertion, "no assertion")
		}
		return assertion, err
	}
	document, _, err := decrypt(sealed, want.Keys)
	if err != nil {
		return nil, err
	}
	assertion, err := want.placed(sealed, document)
	if err != nil && !vouched { // how far it got is nobody's business: see unseal
		return nil, refuse(Undecryptable, "decrypted, but not to an assertion")
	}
	return assertion, err
}

// Inspector gives the function by which other screens have a response explained
// that a manager pasted: see Inspect. What is wrong with the text is an error of
// the field "response".
func Inspector(f *federation.Federation) func(r *web.Request, connection, text string) (federation.Pasted, error) {
	return func(r *web.Request, connection, text string) (federation.Pasted, error) {
		c, keys, err := f.Public(r.Context(), connection)
		if err != nil {
			return federation.Pasted{}, err
		}
		want, err := area{}.expectation(r, federation.Claimed{Connection: c, Keys: keys})
		if err != nil {
			return federation.Pasted{}, err
		}
		in, err := Inspect([]byte(text), want)
		var refused *Error
		if errors.As(err, &refused) {
			return federation.Pasted{}, &models.Error{Kind: models.Invalid, Key: "error.invalid", Fields: models.FieldErrors{"response": unreadable(refused)}, Cause: refused}
		}
		if err != nil {
			return federation.Pasted{}, err
		}
		out := federation.Pasted{Told: toldBy(in.Assertion)}
		if in.Signature != nil {
			out.Signature = in.Signature.Title()
		}
		if in.Refused != nil {
			out.Refused = in.Refused.Title()
		}
		return out, nil
	}
}

// unreadable says what is wrong with a text. What to do about it is mostly meant
// for who signs in; not where a limit or the document itself is the matter.
func unreadable(e *Error) models.Message {
	switch e.Reason {
	case TooLarge, TooManyValues, DocumentType:
		return e.Body()
	}
	return e.Title()
}
