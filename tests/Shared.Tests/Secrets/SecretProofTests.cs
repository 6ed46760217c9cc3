using System.Security.Cryptography;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Tests.Secrets;

public class SecretProofTests
{
    private static readonly byte[] Dialer = SecretProof.NewNonce(), Listener = SecretProof.NewNonce(), Context = [1, 2, 3];
    private readonly SecretProof _proof = new(Samples.Secret, "test");

    [Fact]
    public void Check_WhatTheSameSecretMade_IsRight() => Assert.True(
        new SecretProof(ClusterSecret.Parse(" the secret of these tests\r\n"u8, "file"), "test")
            .Check(Made(), Prover.Dialer, Dialer, Listener, Context));

    /// <summary>The formula of the documentation, computed apart.</summary>
    [Fact]
    public void Make_AnyProof_IsTheHmacThatIsDocumented() => Assert.Equal(
        HMACSHA256.HashData("the secret of these tests"u8, (byte[])[4, .. "test"u8, 1, .. Dialer, .. Listener, .. Context]), Made());

    [Fact]
    public void Check_AnythingElseThanWasProved_IsWrong()
    {
        byte[] proof = Made();
        Assert.False(new SecretProof(Samples.OtherSecret, "test").Check(proof, Prover.Dialer, Dialer, Listener, Context));
        Assert.False(new SecretProof(Samples.Secret, "other").Check(proof, Prover.Dialer, Dialer, Listener, Context));
        Assert.False(_proof.Check(proof, Prover.Listener, Dialer, Listener, Context));
        Assert.False(_proof.Check(proof, Prover.Dialer, Listener, Dialer, Context));
        Assert.False(_proof.Check(proof, Prover.Dialer, SecretProof.NewNonce(), Listener, Context));
        Assert.False(_proof.Check(proof, Prover.Dialer, Dialer, SecretProof.NewNonce(), Context));
        Assert.False(_proof.Check(proof, Prover.Dialer, Dialer, Listener, [1, 2, 4]));
        Assert.False(_proof.Check(proof, Prover.Dialer, Dialer, Listener, []));
        Assert.False(_proof.Check([], Prover.Dialer, Dialer, Listener, Context));
        Assert.False(_proof.Check(proof.AsSpan(1), Prover.Dialer, Dialer, Listener, Context));
    }

    [Fact]
    public void NewNonce_Twice_IsAnother() => Assert.NotEqual(SecretProof.NewNonce(), SecretProof.NewNonce());

    private byte[] Made() => _proof.Make(Prover.Dialer, Dialer, Listener, Context);
}
