using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Lockstep.Simulation.Tests.Mutants;

/// <summary>A project of the product, parsed once, and compiled with one source changed as often as asked for.</summary>
internal sealed class ProductProject
{
    private static readonly ConcurrentDictionary<string, Lazy<ProductProject>> Known = [];

    private readonly string _folder;
    private readonly CSharpCompilation _compilation;
    private readonly IReadOnlyList<ResourceDescription> _resources;

    private ProductProject(string name)
    {
        _folder = Path.Combine(RepositoryFolder(), "src", name);
        // Written where it was compiled, in the same configuration as these tests: bin/Release/net10.0 has a counterpart in obj.
        string bin = Path.Combine(RepositoryFolder(), "tests", "Simulation.Tests", "bin");
        string output = Path.GetRelativePath(bin, AppContext.BaseDirectory);
        string[] arguments = File.ReadAllLines(Path.Combine(_folder, "obj", output, "compiler.args"));
        CSharpCommandLineArguments parsed = CSharpCommandLineParser.Default.Parse(arguments, _folder, sdkDirectory: null);
        if (!parsed.Errors.IsEmpty)
            throw new InvalidOperationException($"The compiler's arguments for {name} are not understood: {parsed.Errors[0]}");
        _resources = parsed.ManifestResources;
        // Without warnings: a bug may leave a parameter unused, and to look for null takes a third of the time.
        CSharpCompilationOptions options = parsed.CompilationOptions.WithGeneralDiagnosticOption(ReportDiagnostic.Suppress);
        CSharpParseOptions parsing = parsed.ParseOptions.WithDocumentationMode(DocumentationMode.None)
            .WithFeatures(parsed.ParseOptions.Features.Append(new KeyValuePair<string, string>("run-nullable-analysis", "never")));
        SyntaxTree[] trees =
            [.. parsed.SourceFiles.AsParallel().AsOrdered().Select(file => Parse(File.ReadAllText(file.Path), parsing, file.Path))];
        IEnumerable<MetadataReference> references =
            parsed.MetadataReferences.Select(reference => MetadataReference.CreateFromFile(reference.Reference, reference.Properties));
        var written = CSharpCompilation.Create(parsed.CompilationName, trees, references, options);
        // What they make depends on attributes and signatures: once is enough.
        string[] analyzers = [.. parsed.AnalyzerReferences.Select(reference => reference.FilePath)];
        CSharpGeneratorDriver.Create(GeneratorsIn(analyzers), parseOptions: parsing)
            .RunGeneratorsAndUpdateCompilation(written, out Compilation complete, out _);
        _compilation = (CSharpCompilation)complete;
    }

    public static ProductProject Of(string name) =>
        Known.GetOrAdd(name, _ => new Lazy<ProductProject>(() => new ProductProject(name))).Value;

    /// <summary>The assembly with a bug in it.</summary>
    /// <exception cref="StaleMutantException">Its text does not stand in the source once.</exception>
    public byte[] Compile(Mutant mutant)
    {
        string path = Path.Combine(_folder, mutant.File[(mutant.Project.Length + 1)..]);
        SyntaxTree tree = _compilation.SyntaxTrees.FirstOrDefault(tree => tree.FilePath == path)
            ?? throw new StaleMutantException($"The mutant {mutant.Name} is stale: src/{mutant.File} is not compiled.");
        SyntaxTree changed = Parse(mutant.Plant(tree.GetText().ToString()), (CSharpParseOptions)tree.Options, path);
        using var assembly = new MemoryStream();
        var result = _compilation.ReplaceSyntaxTree(tree, changed).Emit(assembly, manifestResources: _resources);
        if (!result.Success)
        {
            Diagnostic error = result.Diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            throw new StaleMutantException($"The mutant {mutant.Name} is stale: {error}");
        }

        return assembly.ToArray();
    }

    private static ISourceGenerator[] GeneratorsIn(string[] paths)
    {
        var loader = new AnalyzerLoader(paths);
        return [.. paths.SelectMany(path => new AnalyzerFileReference(path, loader).GetGenerators(LanguageNames.CSharp))];
    }

    private static SyntaxTree Parse(string text, CSharpParseOptions options, string path) =>
        CSharpSyntaxTree.ParseText(SourceText.From(text, Encoding.UTF8), options, path);

    private static string RepositoryFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cluster.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("Cluster.sln is in no folder above the tests.");
    }

    /// <summary>Loads source generators; they find each other, and the compiler that the tests have.</summary>
    private sealed class AnalyzerLoader(IEnumerable<string> paths) : AssemblyLoadContext("source generators"), IAnalyzerAssemblyLoader
    {
        private readonly Dictionary<string, string> _pathOf = paths.ToDictionary(path => Path.GetFileNameWithoutExtension(path)!);

        public void AddDependencyLocation(string fullPath)
        {
            // All are known from the start.
        }

        public Assembly LoadFromPath(string fullPath) => LoadFromAssemblyPath(Path.GetFullPath(fullPath));

        protected override Assembly? Load(AssemblyName assemblyName) =>
            _pathOf.TryGetValue(assemblyName.Name!, out string? path) ? LoadFromPath(path) : null;
    }
}
