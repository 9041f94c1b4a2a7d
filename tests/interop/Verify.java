/* SPDX-License-Identifier: EUPL-1.2
 *
 * Verifies signatures with what the JDK brings (javax.xml.crypto), nothing of ours: for each pair
 * CERTIFICATE DOCUMENT one line, "accepted" or "refused". The key is the certificate's that was
 * given; KeyInfo is not asked. */
import java.io.File;
import java.io.FileInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class Verify {
	static final String DSIG = "http://www.w3.org/2000/09/xmldsig#";
	static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";

	static PublicKey key(String file) throws Exception {
		try (FileInputStream in = new FileInputStream(file)) {
			return CertificateFactory.getInstance("X.509").generateCertificate(in).getPublicKey();
		}
	}

	static boolean verify(String certificate, String document) throws Exception {
		DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
		f.setNamespaceAware(true);
		f.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
		Document d = f.newDocumentBuilder().parse(new File(document));
		NodeList found = d.getElementsByTagNameNS(DSIG, "Signature");
		if (found.getLength() != 1)
			return false;
		DOMValidateContext c = new DOMValidateContext(key(certificate), found.item(0));
		c.setProperty("org.jcp.xml.dsig.secureValidation", true);
		NodeList properties = d.getElementsByTagNameNS(XADES, "SignedProperties");
		for (int i = 0; i < properties.getLength(); i++)
			c.setIdAttributeNS((Element) properties.item(i), null, "Id");
		return XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(c).validate(c);
	}

	public static void main(String[] args) {
		for (int i = 0; i + 1 < args.length; i += 2) {
			boolean good = false;
			try {
				good = verify(args[i], args[i + 1]);
			} catch (Exception e) {
				System.err.println(args[i + 1] + ": " + e);
			}
			System.out.println(good ? "accepted" : "refused");
		}
	}
}
