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

    /// <summary>The peer speaks something else.</summary>
    NotUnderstood,
}

/// <summary>
/// The first words on every connection of the cluster: nothing of Akka is read before they are said.
/// <code>
///   dialer                      listener
///     | -- greeting --------------> |   "LKSC", version, 1 or 0 for a secret or none, nonce
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
    private const byte Version = 1;
    private const int FlagAt = 5, NonceAt = 6;

    /// <summary>Length of a greeting.</summary>
    public const int GreetingBytes = NonceAt + SecretProof.NonceBytes;

    private readonly SecretProof? _proof = secret is null ? null : new SecretProof(secret, "cluster");
    private readonly byte[] _nonce = SecretProof.NewNonce();
    private byte[]? _peerNonce;

    private static ReadOnlySpan<byte> Magic => "LKSC"u8;

    private static ReadOnlySpan<byte> Wrong => [0];

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
        if (message.Length != GreetingBytes || !message.StartsWith(Magic) || message[Magic.Length] != Version || message[FlagAt] > 1)
            return (null, HandshakeOutcome.NotUnderstood);
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
