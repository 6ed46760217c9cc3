namespace Lockstep.Shared.Secrets;

/// <summary>Outcome of a message of a <see cref="ClusterHandshake"/>.</summary>
internal enum HandshakeOutcome
{
    /// <summary>Undecided: the peer's next message decides.</summary>
    GoesOn,

    /// <summary>Both have the same secret, or neither has one.</summary>
    Agreed,

    /// <summary>The peer has a secret, and this side has none.</summary>
    SecretOnlyThere,

    /// <summary>This side has a secret, and the peer has none.</summary>
    SecretOnlyHere,

    /// <summary>The secrets differ.</summary>
    OtherSecret,

    /// <summary>The peer requires TLS, and this side has none.</summary>
    TlsOnlyThere,

    /// <summary>This side requires TLS, and the peer has none.</summary>
    TlsOnlyHere,

    /// <summary>One side does not accept the other's certificate.</summary>
    OtherCertificate,

    /// <summary>The peer speaks another protocol.</summary>
    NotUnderstood,
}

/// <summary>
/// The handshake on every cluster connection, inside TLS if the cluster has it. Akka reads nothing before it completes.
/// <code>
/// dialer                      listener
///     | -- greeting --------------> |   "LKSC", version, 1 or 0 for a secret or none, nonce; 2, without TLS, for "in TLS only"
///     | &lt;-------------- greeting -- |   the same; with no secrets that was all
///     | -- proof -----------------> |   see SecretProof
///     | &lt;----------------- proof -- |   or one byte 0: the dialer's proof is wrong
/// </code>
/// Has no sockets or clocks: bytes in, bytes out.
/// </summary>
/// <param name="secret">This side's secret; null for none.</param>
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

    /// <summary>The answer of a side with TLS to a side without.</summary>
    public static byte[] TlsIsNeeded => [.. Magic, Version, InTlsOnly, .. SecretProof.NewNonce()];

    /// <summary>Whether a first message comes from a node without TLS.</summary>
    public static bool BeginsWithGreeting(ReadOnlySpan<byte> message) => message.Length == GreetingBytes && message.StartsWith(Magic);

    /// <summary>Whether a first message is a TLS record.</summary>
    public static bool BeginsWithTls(ReadOnlySpan<byte> message) => message is [TlsHandshakeRecord, ..];

    /// <summary>This side's greeting. A dialer sends it first.</summary>
    public byte[] Greeting => [.. Magic, Version, (byte)(_proof is null ? 0 : 1), .. _nonce];

    /// <summary>Handles the peer's next message.</summary>
    /// <returns>The answer to send, if any, and the outcome.</returns>
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
