package saml

import (
	"testing"

	"github.com/beevik/etree"
)

// forged is the signed assertion turned into one about somebody else.
func forged(original *etree.Element) *etree.Element {
	forgery := original.Copy()
	forgery.CreateAttr("ID", "_forged")
	forgery.FindElement(".//NameID").SetText("karin-1")
	return forgery
}

func withoutSignature(el *etree.Element) *etree.Element {
	for _, signature := range children(el, nsSignature, "Signature") {
		el.RemoveChild(signature)
	}
	return el
}

// TestSignatureWrapping moves soundly signed content to where it is verified but
// not read, and puts a forgery where it is read. The forms follow the families
// that are known for SAML; every one must be refused.
func TestSignatureWrapping(t *testing.T) {
	for name, wrapped := range map[string]func(root, original *etree.Element) *etree.Element{
		"forgery before the original": func(root, original *etree.Element) *etree.Element {
			root.InsertChildAt(original.Index(), withoutSignature(forged(original)))
			return root
		},
		"forgery after the original": func(root, original *etree.Element) *etree.Element {
			root.AddChild(withoutSignature(forged(original)))
			return root
		},
		"forgery around the original": func(root, original *etree.Element) *etree.Element {
			forgery := withoutSignature(forged(original))
			root.RemoveChild(original)
			forgery.AddChild(original)
			root.AddChild(forgery)
			return root
		},
		"forgery with the original in its signature's Object": func(root, original *etree.Element) *etree.Element {
			forgery := forged(original)
			root.RemoveChild(original)
			signature := children(forgery, nsSignature, "Signature")[0]
			signature.CreateElement("ds:Object").AddChild(withoutSignature(original))
			root.AddChild(forgery)
			return root
		},
		"original in the forgery's Advice": func(root, original *etree.Element) *etree.Element {
			forgery := withoutSignature(forged(original))
			root.RemoveChild(original)
			forgery.CreateElement("saml:Advice").AddChild(original)
			root.AddChild(forgery)
			return root
		},
		"original in the response's Extensions": func(root, original *etree.Element) *etree.Element {
			forgery := withoutSignature(forged(original))
			root.RemoveChild(original)
			root.AddChild(forgery)
			extensions := etree.NewElement("samlp:Extensions")
			extensions.AddChild(original)
			root.InsertChildAt(1, extensions)
			return root
		},
		"forgery that keeps the original's id": func(root, original *etree.Element) *etree.Element {
			forgery := withoutSignature(forged(original))
			forgery.CreateAttr("ID", attr(original, "ID"))
			root.InsertChildAt(original.Index(), forgery)
			return root
		},
		"forgery with the original's signature": func(root, original *etree.Element) *etree.Element {
			root.AddChild(forged(original))
			root.RemoveChild(original)
			return root
		},
		"forgery with the original's id and signature": func(root, original *etree.Element) *etree.Element {
			forgery := forged(original)
			forgery.CreateAttr("ID", attr(original, "ID"))
			root.AddChild(forgery)
			root.RemoveChild(original)
			return root
		},
		"response around the signed response": func(root, _ *etree.Element) *etree.Element {
			outer := root.Copy()
			outer.CreateAttr("ID", "_outer")
			withoutSignature(outer)
			outer.FindElement(".//NameID").SetText("karin-1")
			outer.AddChild(root.Copy())
			return outer
		},
		"lookalike assertion in another namespace": func(root, original *etree.Element) *etree.Element {
			lookalike := etree.NewElement("x:Assertion")
			lookalike.CreateAttr("xmlns:x", "urn:x")
			root.InsertChildAt(original.Index(), lookalike)
			return root
		},
		"second signature on the assertion": func(root, original *etree.Element) *etree.Element {
			original.AddChild(signatureOf(original).Copy())
			return root
		},
		"signature at the end": func(root, original *etree.Element) *etree.Element {
			signature := signatureOf(original)
			original.RemoveChild(signature)
			original.AddChild(signature)
			return root
		},
		"signature within the subject": func(root, original *etree.Element) *etree.Element {
			signature := signatureOf(original)
			original.RemoveChild(signature)
			original.FindElement("./Subject").AddChild(signature)
			return root
		},
		"two SignedInfo": func(root, original *etree.Element) *etree.Element {
			signature := signatureOf(original)
			signature.InsertChildAt(0, signature.ChildElements()[0].Copy())
			return root
		},
		"two references": func(root, original *etree.Element) *etree.Element {
			info := signatureOf(original).ChildElements()[0]
			info.AddChild(info.ChildElements()[2].Copy())
			return root
		},
		"comment in the digest": func(root, original *etree.Element) *etree.Element {
			original.FindElement(".//DigestValue").AddChild(etree.NewComment("x"))
			return root
		},
		"prefixed algorithm": func(root, original *etree.Element) *etree.Element {
			original.FindElement(".//SignatureMethod").CreateAttr("ds:Algorithm", "x")
			return root
		},
		"encrypted beside the plain assertion": func(root, original *etree.Element) *etree.Element {
			root.AddChild(etree.NewElement("saml:EncryptedAssertion"))
			return root
		},
	} {
		for signedToo, path := range map[string]string{"": "//Assertion", ", response signed": "/Response"} {
			t.Run(name+signedToo, func(t *testing.T) {
				doc := signedResponse(nil)
				if path == "/Response" {
					sign(doc.Root(), signing{})
				}
				doc.SetRoot(wrapped(doc.Root(), doc.FindElement("//Assertion")))
				assertion, err := Verify(post(doc), expected())
				if err == nil {
					t.Fatalf("accepted, for %q", assertion.NameID.Value)
				}
				switch why := ReasonOf(err); why {
				case Malformed, SeveralAssertions, BadSignature, Unsigned:
				default:
					t.Errorf("refused for %q: %v", why, err)
				}
			})
		}
	}
}

// TestShapeAloneStopsWrapping: the shape is refused before any key is asked, so
// that no oddity of a signature library can let a wrapped response through.
func TestShapeAloneStopsWrapping(t *testing.T) {
	for name, wrap := range map[string]func(root, original *etree.Element){
		"a response within":            func(root, _ *etree.Element) { root.AddChild(etree.NewElement("samlp:Response")) },
		"an assertion out of place":    func(root, original *etree.Element) { root.CreateElement("samlp:Extensions").AddChild(original) },
		"a signature deeper down":      func(_, original *etree.Element) { original.FindElement("./Subject").AddChild(signatureOf(original)) },
		"a signature of another place": func(_, original *etree.Element) { original.AddChild(signatureOf(original)) },
		"a reference elsewhere": func(_, original *etree.Element) {
			original.FindElement(".//Reference").CreateAttr("URI", "#_response1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			doc := signedResponse(nil)
			wrap(doc.Root(), doc.FindElement("//Assertion"))
			if err := checkShape(doc.Root()); err == nil {
				t.Error("the shape passes")
			}
		})
	}
	if err := checkShape(signedResponse(nil).Root()); err != nil {
		t.Errorf("the sound shape: %v", err)
	}
}
