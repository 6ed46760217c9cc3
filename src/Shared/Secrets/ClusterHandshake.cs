namespace Lockstep.Shared.Secrets;

/// <summary>What came of a message of a <see cref="ClusterHandshake"/>.</summary>
internal enum HandshakeOutcome
{
    /// <summary>The peer's next message decides.</summary>
    GoesOn,

    /// <summary>Both know the same secret, or neither has one.</summary>
    Agreed,

    /// <summary>The peer has a secret, and this side none.</summary>
    SecretOnlyThere,

    /// <summary>This side has a secret, and the peer none.</summary>
    SecretOnlyHere,

    /// <summary>The peer's secret is another one.</summary>
    OtherSecret,

    /// <summary>The peer goes on in TLS only, and this side has none.</summary>
    TlsOnlyThere,

    /// <summary>This side goes on in TLS only, and the peer has none.</summary>
    TlsOnlyHere,

    /// <summary>One does not accept the other's certificate.</summary>
    OtherCertificate,

    /// <summary>The peer speaks something else.</summary>
    NotUnderstood,
}

/// <summary>
/// The first words on every connection of the cluster, in TLS where the cluster has it: nothing of Akka is read before they are said.
/// <code>
///   dialer                      listener
///     | -- greeting --------------> |   "LKSC", version, 1 or 0 for a secret or none, nonce; 2, without TLS, for "in TLS only"
///     | &lt;-------------- greeting -- |   the same; with no secrets that was all
///     | -- proof -----------------> |   see SecretProof
///     | &lt;----------------- proof -- |   or one byte 0: the dialer's proof is wrong
/// </code>
/// Without sockets or clocks: bytes in, bytes out.
/// </summary>
/// <param name="secret">The secret of this side, or null.</param>
/// <param name="isDialer">Whether this side made the connection.</param>
internal sealed class ClusterHandshake(ClusterSecret? secret, bool isDialer)
{
    private const byte Version = 1, InTlsOnly = 2, TlsHandshakeRecord = 22;
    private const int FlagAt = 5, NonceAt = 6;

    /// <summary>Length of a greeting.</summary>
    public const int GreetingBytes = NonceAt + SecretProof.NonceBytes;

    private readonly SecretProof? _proof = secret is null ? null : new SecretProof(secret, "cluster");
    private readonly byte[] _nonce = SecretProof.NewNonce();
    private byte[]? _peerNonce;

    private static ReadOnlySpan<byte> Magic => "LKSC"u8;

    private static ReadOnlySpan<byte> Wrong => [0];

    /// <summary>What a side that has TLS answers to one that has none.</summary>
    public static byte[] TlsIsNeeded => [.. Magic, Version, InTlsOnly, .. SecretProof.NewNonce()];

    /// <summary>Whether a first message is that of a node without TLS.</summary>
    public static bool BeginsWithGreeting(ReadOnlySpan<byte> message) => message.Length == GreetingBytes && message.StartsWith(Magic);

    /// <summary>Whether a first message is one of TLS.</summary>
    public static bool BeginsWithTls(ReadOnlySpan<byte> message) => message is [TlsHandshakeRecord, ..];

    /// <summary>The greeting of this side. A dialer begins with it.</summary>
    public byte[] Greeting => [.. Magic, Version, (byte)(_proof is null ? 0 : 1), .. _nonce];

    /// <summary>Takes the peer's next message.</summary>
    /// <returns>What to send to the peer, if anything, and what came of it.</returns>
    public (byte[]? Answer, HandshakeOutcome Outcome) Receive(ReadOnlySpan<byte> message)
    {
        if (_peerNonce is null)
            return ReceiveGreeting(message);
        if (isDialer && message.SequenceEqual(Wrong))
            return (null, HandshakeOutcome.OtherSecret);
        if (message.Length != SecretProof.Bytes)
            return (null, HandshakeOutcome.NotUnderstood);
        bool isRight = _proof!.Check(message, isDialer ? Prover.Listener : Prover.Dialer, DialerNonce, ListenerNonce, context: []);
        if (!isRight)
            return (isDialer ? null : Wrong.ToArray(), HandshakeOutcome.OtherSecret);
        return (isDialer ? null : MakeProof(), HandshakeOutcome.Agreed);
    }

    private byte[] DialerNonce => isDialer ? _nonce : _peerNonce!;

    private byte[] ListenerNonce => isDialer ? _peerNonce! : _nonce;

    private (byte[]? Answer, HandshakeOutcome Outcome) ReceiveGreeting(ReadOnlySpan<byte> message)
    {
        if (!isDialer && BeginsWithTls(message))
            return (Greeting, HandshakeOutcome.TlsOnlyThere);
        if (!BeginsWithGreeting(message) || message[Magic.Length] != Version || message[FlagAt] > InTlsOnly)
            return (null, HandshakeOutcome.NotUnderstood);
        if (message[FlagAt] == InTlsOnly)
            return (null, HandshakeOutcome.TlsOnlyThere);
        _peerNonce = message[NonceAt..].ToArray();
        byte[]? greeting = isDialer ? null : Greeting;
        return (message[FlagAt] == 1, _proof is not null) switch
        {
            (false, false) => (greeting, HandshakeOutcome.Agreed),
            (true, false) => (greeting, HandshakeOutcome.SecretOnlyThere),
            (false, true) => (greeting, HandshakeOutcome.SecretOnlyHere),
            (true, true) => (greeting ?? MakeProof(), HandshakeOutcome.GoesOn),
        };
    }

    private byte[] MakeProof() => _proof!.Make(isDialer ? Prover.Dialer : Prover.Listener, DialerNonce, ListenerNonce, context: []);
}
