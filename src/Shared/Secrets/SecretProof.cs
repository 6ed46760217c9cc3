using System.Security.Cryptography;
using System.Text;

namespace Lockstep.Shared.Secrets;

/// <summary>Who proves that it knows the secret.</summary>
internal enum Prover : byte
{
    /// <summary>The side that made the connection. It proves first: a stranger who connects gets nothing to guess at.</summary>
    Dialer = 1,

    /// <summary>The side that was connected to.</summary>
    Listener = 2,
}

/// <summary>
/// What two ends of a connection prove the secret with. Each gives the other a nonce, that is random and never used again, and then
/// <code>HMAC-SHA256(secret, length of purpose (1 byte), purpose, prover (1 byte), dialer's nonce, listener's nonce, context)</code>
/// So no proof is of use on another connection, in the other direction, or for another purpose or context.
/// </summary>
/// <param name="secret">The secret of this end.</param>
/// <param name="purpose">What the connection is for.</param>
internal sealed class SecretProof(ClusterSecret secret, string purpose)
{
    /// <summary>Length of a nonce.</summary>
    public const int NonceBytes = 32;

    /// <summary>Length of a proof.</summary>
    public const int Bytes = HMACSHA256.HashSizeInBytes;

    public static byte[] NewNonce() => RandomNumberGenerator.GetBytes(NonceBytes);

    /// <summary>The proof of one side.</summary>
    /// <param name="prover">Whose proof it is.</param>
    /// <param name="dialerNonce">Nonce of the side that made the connection.</param>
    /// <param name="listenerNonce">Nonce of the other side.</param>
    /// <param name="context">What else both must mean the same by; empty for nothing.</param>
    public byte[] Make(Prover prover, ReadOnlySpan<byte> dialerNonce, ReadOnlySpan<byte> listenerNonce, ReadOnlySpan<byte> context)
    {
        if (dialerNonce.Length != NonceBytes || listenerNonce.Length != NonceBytes)
            throw new ArgumentException($"Nonces of {dialerNonce.Length} and {listenerNonce.Length} bytes; expected {NonceBytes}.");
        byte[] proof = new byte[Bytes];
        secret.Sign([(byte)purpose.Length, .. Encoding.ASCII.GetBytes(purpose), (byte)prover, .. dialerNonce, .. listenerNonce, .. context], proof);
        return proof;
    }

    /// <summary>Whether a proof is the peer's. The time it takes says nothing about how much of a wrong one is right.</summary>
    /// <inheritdoc cref="Make"/>
    public bool Check(ReadOnlySpan<byte> proof, Prover prover, ReadOnlySpan<byte> dialerNonce, ReadOnlySpan<byte> listenerNonce, ReadOnlySpan<byte> context) =>
        CryptographicOperations.FixedTimeEquals(proof, Make(prover, dialerNonce, listenerNonce, context));
}
