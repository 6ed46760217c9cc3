using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Tests.Secrets;

public class ClusterHandshakeTests
{
    [Fact]
    public void Receive_SameSecret_BothAgreeAfterTwoMessagesEach()
    {
        var talk = new Talk(Samples.Secret, Samples.Secret);
        Assert.Equal((HandshakeOutcome.Agreed, HandshakeOutcome.Agreed), talk.ToTheEnd());
        Assert.Equal(4, talk.Messages.Count);
    }

    [Fact]
    public void Receive_NoSecrets_BothAgreeAfterTheGreetings()
    {
        var talk = new Talk(null, null);
        Assert.Equal((HandshakeOutcome.Agreed, HandshakeOutcome.Agreed), talk.ToTheEnd());
        Assert.Equal(2, talk.Messages.Count);
    }

    [Fact]
    public void Receive_AnotherSecret_BothKnowItAndTheListenerHasProvedNothing()
    {
        var talk = new Talk(Samples.OtherSecret, Samples.Secret);
        Assert.Equal((HandshakeOutcome.OtherSecret, HandshakeOutcome.OtherSecret), talk.ToTheEnd());
        Assert.Equal([0], talk.Messages[^1]);
    }

    [Fact]
    public void Receive_SecretOnOneSideOnly_BothKnowWhich()
    {
        Assert.Equal((HandshakeOutcome.SecretOnlyThere, HandshakeOutcome.SecretOnlyHere), new Talk(null, Samples.Secret).ToTheEnd());
        Assert.Equal((HandshakeOutcome.SecretOnlyHere, HandshakeOutcome.SecretOnlyThere), new Talk(Samples.Secret, null).ToTheEnd());
    }

    [Fact]
    public void Receive_MessagesOfAnEarlierTalk_AreRefused()
    {
        var earlier = new Talk(Samples.Secret, Samples.Secret);
        earlier.ToTheEnd();

        var listener = new ClusterHandshake(Samples.Secret, isDialer: false);
        listener.Receive(earlier.Messages[0]);
        Assert.Equal(HandshakeOutcome.OtherSecret, listener.Receive(earlier.Messages[2]).Outcome);

        var dialer = new ClusterHandshake(Samples.Secret, isDialer: true);
        dialer.Receive(earlier.Messages[1]);
        Assert.Equal(HandshakeOutcome.OtherSecret, dialer.Receive(earlier.Messages[3]).Outcome);
    }

    /// <summary>One who knows no secret sends everything back to where it came from.</summary>
    [Fact]
    public void Receive_OwnMessages_AreRefused()
    {
        var dialer = new ClusterHandshake(Samples.Secret, isDialer: true);
        byte[] proof = dialer.Receive(dialer.Greeting).Answer!;
        Assert.Equal(HandshakeOutcome.OtherSecret, dialer.Receive(proof).Outcome);
    }

    /// <summary>One who knows no secret lets a node prove it to itself, on a connection of the other direction.</summary>
    [Fact]
    public void Receive_ProofOfTheSameNodeInTheOtherRole_IsRefused()
    {
        var dialer = new ClusterHandshake(Samples.Secret, isDialer: true);
        var listener = new ClusterHandshake(Samples.Secret, isDialer: false);
        byte[] listenersGreeting = listener.Receive(dialer.Greeting).Answer!;
        byte[] dialersProof = dialer.Receive(listenersGreeting).Answer!;
        Assert.Equal(HandshakeOutcome.OtherSecret, dialer.Receive(dialersProof).Outcome);

        var other = new ClusterHandshake(Samples.Secret, isDialer: false);
        other.Receive(listenersGreeting);
        Assert.Equal(HandshakeOutcome.OtherSecret, other.Receive(dialersProof).Outcome);
    }

    [Fact]
    public void Receive_CutOrChangedAnywhere_NeverAgrees()
    {
        var good = new Talk(Samples.Secret, Samples.Secret);
        good.ToTheEnd();
        for (int message = 0; message < good.Messages.Count; message++)
        {
            for (int length = 0; length < good.Messages[message].Length; length++)
                AssertDisagree(message, bytes => bytes[..length]);
            for (int at = 0; at < good.Messages[message].Length; at++)
                AssertDisagree(message, bytes => [.. bytes[..at], (byte)(bytes[at] ^ 1), .. bytes[(at + 1)..]]);
            AssertDisagree(message, bytes => [.. bytes, 0]);
        }
    }

    private static void AssertDisagree(int message, Func<byte[], byte[]> change)
    {
        var talk = new Talk(Samples.Secret, Samples.Secret) { Change = (index, bytes) => index == message ? change(bytes) : bytes };
        (HandshakeOutcome dialer, HandshakeOutcome listener) = talk.ToTheEnd();
        // The last message is the listener's: it cannot know what becomes of it.
        Assert.NotEqual(HandshakeOutcome.Agreed, dialer);
        Assert.True(listener != HandshakeOutcome.Agreed || message == 3, $"The listener agreed although message {message} was changed.");
    }

    /// <summary>Both sides, and what passes between them.</summary>
    private sealed class Talk(ClusterSecret? dialersSecret, ClusterSecret? listenersSecret)
    {
        private readonly ClusterHandshake _dialer = new(dialersSecret, isDialer: true), _listener = new(listenersSecret, isDialer: false);

        public List<byte[]> Messages { get; } = [];

        public Func<int, byte[], byte[]> Change { get; init; } = (_, bytes) => bytes;

        public (HandshakeOutcome Dialer, HandshakeOutcome Listener) ToTheEnd()
        {
            HandshakeOutcome dialer = HandshakeOutcome.GoesOn, listener = HandshakeOutcome.GoesOn;
            byte[]? message = _dialer.Greeting;
            // A side that has made up its mind hears nothing more.
            for (bool toListener = true; message is not null
                && (toListener ? listener : dialer) == HandshakeOutcome.GoesOn; toListener = !toListener)
            {
                Messages.Add(Change(Messages.Count, message));
                if (toListener)
                    (message, listener) = _listener.Receive(Messages[^1]);
                else
                    (message, dialer) = _dialer.Receive(Messages[^1]);
            }

            return (dialer, listener);
        }
    }
}
