using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Shared.Secrets;

/// <summary>The side that proves the secret.</summary>
internal enum Prover : byte
{
    /// <summary>
    /// The side that made the connection. It proves first, so that a stranger who connects gets nothing to attack offline.
    /// </summary>
    Dialer = 1,

    /// <summary>The side that was connected to.</summary>
    Listener = 2,
}

/// <summary>
/// Proves knowledge of the secret between two ends of a connection. Each sends the other a random nonce, used once, and then
/// <code>HMAC-SHA256(secret, length of purpose (1 byte), purpose, prover (1 byte), dialer's nonce, listener's nonce, context)</code>
/// A proof is therefore useless on another connection, in the other direction, or for another purpose or context.
/// </summary>
/// <param name="secret">The secret of this end.</param>
/// <param name="purpose">What the connection is for.</param>
internal sealed class SecretProof(ClusterSecret secret, string purpose)
{
    /// <summary>Length of a nonce in bytes.</summary>
    public const int NonceBytes = 32;

    /// <summary>Length of a proof in bytes.</summary>
    public const int Bytes = HMACSHA256.HashSizeInBytes;

    public static byte[] NewNonce() => RandomNumberGenerator.GetBytes(NonceBytes);

    /// <summary>Computes the proof of one side.</summary>
    /// <param name="prover">The side that proves.</param>
    /// <param name="dialerNonce">Nonce of the side that made the connection.</param>
    /// <param name="listenerNonce">Nonce of the other side.</param>
    /// <param name="context">Further data that both must agree on; empty for none.</param>
    public byte[] Make(Prover prover, ReadOnlySpan<byte> dialerNonce, ReadOnlySpan<byte> listenerNonce, ReadOnlySpan<byte> context)
    {
        if (dialerNonce.Length != NonceBytes || listenerNonce.Length != NonceBytes)
            throw new ArgumentException($"Nonces of {dialerNonce.Length} and {listenerNonce.Length} bytes; expected {NonceBytes}.");
        byte[] proof = new byte[Bytes];
        secret.Sign(
            [(byte)purpose.Length, .. Encoding.ASCII.GetBytes(purpose), (byte)prover, .. dialerNonce, .. listenerNonce, .. context], proof);
        return proof;
    }

    /// <summary>Whether the peer's proof is correct. Compares in constant time.</summary>
    /// <inheritdoc cref="Make"/>
    public bool Check(
        ReadOnlySpan<byte> proof, Prover prover, ReadOnlySpan<byte> dialerNonce, ReadOnlySpan<byte> listenerNonce,
        ReadOnlySpan<byte> context) =>
        CryptographicOperations.FixedTimeEquals(proof, Make(prover, dialerNonce, listenerNonce, context));
}
