using System.Buffers.Binary;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// How the two ends of a tensor stream prove the secret to each other, before a token is checked or a run spec is sent.
/// The dialer is a worker, which sends <see cref="FrameKind.Hello"/>, or another coordinator, which sends <see cref="FrameKind.Peer"/>.
/// Without a secret, the stream begins with that frame and none of this is sent.
/// <code>
///   dialer                       listener
///     | -- Challenge, nonce ------> |
///     | &lt;------ Challenge, nonce -- |
///     | -- Hello or Peer, Proof --> |   answered by Refusal if the proof is wrong
///     | &lt;------------------ Proof -- |
/// </code>
/// The proofs (<see cref="SecretProof"/>) also cover the kind of dialer, its run and its payload.
/// </summary>
internal static class StreamProof
{
    public const string Missing =
        "This coordinator has a secret, and the other side did not prove that it knows it. Give both the same file with --secret-file.";
    public const string NotWanted =
        "This coordinator has no secret, and the other side has one. Give both the same file with --secret-file.";
    public const string Wrong = "The two sides have different secrets. Give both the same file with --secret-file.";

    /// <summary>The dialer's side, at the beginning of a connection.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="header">Header of the greeting.</param>
    /// <param name="hello">Its payload.</param>
    /// <exception cref="StreamException">
    /// The stream ended, or the coordinator refused, or (as <see cref="StreamError.Unproven"/>) does not know the secret.
    /// </exception>
    public static void Begin(FrameStream stream, ClusterSecret secret, in FrameHeader header, ReadOnlySpan<byte> hello)
    {
        byte[] own = SecretProof.NewNonce();
        stream.Send(new FrameHeader { Kind = FrameKind.Challenge, Run = header.Run }, own);
        byte[] theirs = Receive(stream, stream.ReceiveHeader(FrameKind.Challenge), SecretProof.NonceBytes);
        (SecretProof proof, byte[] context) = (Of(secret, header.Kind), Context(header.Run, hello));
        stream.Send(header, hello);
        stream.Send(new FrameHeader { Kind = FrameKind.Proof, Run = header.Run }, proof.Make(Prover.Dialer, own, theirs, context));
        byte[] answer = Receive(stream, stream.ReceiveHeader(FrameKind.Proof), SecretProof.Bytes);
        if (!proof.Check(answer, Prover.Listener, own, theirs, context))
            throw new StreamException(
                StreamError.Unproven, stream.Peer, "it did not prove that it knows the secret, so it is not the coordinator.");
    }

    /// <summary>
    /// The listener's side, if the first frame is a <see cref="FrameKind.Challenge"/>: receives the dialer's greeting and proof, and
    /// answers them.
    /// </summary>
    /// <param name="stream">The connection.</param>
    /// <param name="challenge">The header of the first frame.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="run">The run, for the answer.</param>
    /// <returns>Header and payload of the greeting; null if its proof is wrong.</returns>
    /// <exception cref="StreamException">The stream ended, or an unexpected frame came.</exception>
    public static (FrameHeader Header, byte[] Payload)? Receive(
        FrameStream stream, in FrameHeader challenge, ClusterSecret secret, ulong run)
    {
        byte[] theirs = Receive(stream, challenge, SecretProof.NonceBytes), own = SecretProof.NewNonce();
        stream.Send(new FrameHeader { Kind = FrameKind.Challenge, Run = run }, own);
        FrameHeader header = stream.ReceiveHeader();
        byte[] hello = Hello.Receive(stream, header);
        byte[] answer = Receive(stream, stream.ReceiveHeader(FrameKind.Proof), SecretProof.Bytes);
        (SecretProof proof, byte[] context) = (Of(secret, header.Kind), Context(header.Run, hello));
        if (!proof.Check(answer, Prover.Dialer, theirs, own, context))
            return null;
        stream.Send(new FrameHeader { Kind = FrameKind.Proof, Run = run }, proof.Make(Prover.Listener, theirs, own, context));
        return (header, hello);
    }

    private static SecretProof Of(ClusterSecret secret, FrameKind greeting) =>
        new(secret, greeting == FrameKind.Peer ? "peer stream" : "tensor stream");

    private static byte[] Context(ulong run, ReadOnlySpan<byte> hello)
    {
        byte[] context = new byte[sizeof(ulong) + hello.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(context, run);
        hello.CopyTo(context.AsSpan(sizeof(ulong)));
        return context;
    }

    private static byte[] Receive(FrameStream stream, in FrameHeader header, int length)
    {
        byte[] bytes = new byte[length];
        stream.ReceivePayload(header, bytes);
        return bytes;
    }
}
