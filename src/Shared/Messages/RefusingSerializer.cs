using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Lockstep.Shared.Messages;

/// <summary>
/// Replaces serializers that create any type the sender names, above all Akka's JSON serializer. It neither reads nor writes anything. It
/// has a string manifest, so that Akka does not even look up the named type.
/// </summary>
/// <param name="system">The actor system.</param>
/// <param name="settings"><c>refused-identifier</c>: the id of the serializer that it replaces.</param>
internal sealed class RefusingSerializer(ExtendedActorSystem system, Config settings) : SerializerWithStringManifest(system)
{
    public override int Identifier { get; } = settings.GetInt("refused-identifier");

    public override string Manifest(object o) => "";

    public override byte[] ToBinary(object obj) => throw new SerializationException(
        $"{obj?.GetType().ToString() ?? "null"} must not leave the process: it is not a message between worker and coordinator.");

    public override object FromBinary(byte[] bytes, string manifest) => throw new SerializationException(
        $"Refused a message of serializer {Identifier}: reading it would create whatever the sender names, and Lockstep's nodes do not "
            + "send any.");
}
