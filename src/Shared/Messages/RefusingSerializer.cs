using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Lockstep.Shared.Messages;

/// <summary>
/// Takes the place of Akka's JSON serializer, which creates whatever type the sender names. Nothing goes out through it and nothing comes in.
/// </summary>
internal sealed class RefusingSerializer : Serializer
{
    public RefusingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>Akka passes settings to a serializer that asks for them; the JSON serializer's are of no use here.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system) => _ = settings;

    /// <summary>The JSON serializer's number, so that what a stranger sends under it ends here.</summary>
    public override int Identifier => 1;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) => throw new SerializationException(
        $"{obj?.GetType().ToString() ?? "null"} has no serializer and must not leave the process. Only messages of Lockstep's protocol do.");

    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException(
        "Refused a message in JSON: Lockstep's nodes do not send any, and reading one could create any type that the sender names.");
}
