using System.Buffers.Binary;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// How the two ends of a tensor stream prove to each other that they know the secret, before a token is looked at or a run spec sent.
/// Where there is no secret, the stream begins with <see cref="FrameKind.Hello"/> and none of this is sent.
/// <code>
///   worker                      coordinator
///     | -- Challenge, nonce ------> |
///     | &lt;------ Challenge, nonce -- |
///     | -- Hello, Proof ----------> |   answered by Refusal if the proof is wrong
///     | &lt;------------------ Proof -- |
/// </code>
/// The proofs (<see cref="SecretProof"/>) also cover the run, the token and the worker's id.
/// </summary>
internal static class StreamProof
{
    public const string Missing = "This coordinator has a secret, and the worker did not prove that it knows it. Give both the same file with --secret-file.";
    public const string NotWanted = "This coordinator has no secret, and the worker has one. Give both the same file with --secret-file.";
    public const string Wrong = "The worker's secret is not the coordinator's. Give both the same file with --secret-file.";

    /// <summary>Worker side, at the beginning of a connection.</summary>
    /// <exception cref="StreamException">The stream ended, or the coordinator refused, or (<see cref="StreamError.Unproven"/>) does not know the secret.</exception>
    public static void Begin(TensorConnection connection, ClusterSecret secret, ulong run, ReadOnlySpan<byte> hello)
    {
        byte[] own = SecretProof.NewNonce();
        connection.Send(new FrameHeader { Kind = FrameKind.Challenge, Run = run }, own);
        byte[] theirs = Receive(connection, connection.ReceiveHeader(FrameKind.Challenge), SecretProof.NonceBytes);
        (SecretProof proof, byte[] context) = (Of(secret), Context(run, hello));
        connection.Send(new FrameHeader { Kind = FrameKind.Hello, Run = run }, hello);
        connection.Send(new FrameHeader { Kind = FrameKind.Proof, Run = run }, proof.Make(Prover.Dialer, own, theirs, context));
        byte[] answer = Receive(connection, connection.ReceiveHeader(FrameKind.Proof), SecretProof.Bytes);
        if (!proof.Check(answer, Prover.Listener, own, theirs, context))
            throw new StreamException(StreamError.Unproven, connection.Peer, "it did not prove that it knows the secret, so it is not the coordinator.");
    }

    /// <summary>
    /// Coordinator side, when the first frame is a <see cref="FrameKind.Challenge"/>: receives the worker's <see cref="FrameKind.Hello"/> and
    /// proof, and answers it.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="challenge">The header of the first frame.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="run">The run, for the answer.</param>
    /// <returns>Header and payload of the worker's greeting; null if its proof is wrong.</returns>
    /// <exception cref="StreamException">The stream ended, or something else came.</exception>
    public static (FrameHeader Header, byte[] Payload)? Receive(TensorConnection connection, in FrameHeader challenge, ClusterSecret secret, ulong run)
    {
        byte[] theirs = Receive(connection, challenge, SecretProof.NonceBytes), own = SecretProof.NewNonce();
        connection.Send(new FrameHeader { Kind = FrameKind.Challenge, Run = run }, own);
        FrameHeader header = connection.ReceiveHeader(FrameKind.Hello);
        byte[] hello = Hello.Receive(connection, header);
        byte[] answer = Receive(connection, connection.ReceiveHeader(FrameKind.Proof), SecretProof.Bytes);
        (SecretProof proof, byte[] context) = (Of(secret), Context(header.Run, hello));
        if (!proof.Check(answer, Prover.Dialer, theirs, own, context))
            return null;
        connection.Send(new FrameHeader { Kind = FrameKind.Proof, Run = run }, proof.Make(Prover.Listener, theirs, own, context));
        return (header, hello);
    }

    private static SecretProof Of(ClusterSecret secret) => new(secret, "tensor stream");

    private static byte[] Context(ulong run, ReadOnlySpan<byte> hello)
    {
        byte[] context = new byte[sizeof(ulong) + hello.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(context, run);
        hello.CopyTo(context.AsSpan(sizeof(ulong)));
        return context;
    }

    private static byte[] Receive(TensorConnection connection, in FrameHeader header, int length)
    {
        byte[] bytes = new byte[length];
        connection.ReceivePayload(header, bytes);
        return bytes;
    }
}
